package session

import (
	"encoding/json"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/smartcard/watch"
	"etax-doctor/host/field"
	"etax-doctor/host/repair"
	"etax-doctor/host/report"
)

// request is any message from the browser. Fields that its type does not use are ignored.
type request struct {
	Type          string          `json:"type"`
	ID            string          `json:"id"`
	Only          []finding.Layer `json:"only"`
	LoginInFlight bool            `json:"loginInFlight"`
	Unasked       bool            `json:"unasked"`
	Browser       string          `json:"browser"`
	Bridge        string          `json:"bridge"`
	ClockAhead    float64         `json:"clockAhead"`
	Language      string          `json:"language"`
	Symptom       string          `json:"symptom"`
	Action        repair.Action   `json:"action"`
	Field         bool            `json:"field"`
}

// maxID is the longest id, in bytes. Replies repeat the id, so it limits their size.
const maxID = 64

func parse(message []byte) (request, *Refusal) {
	var r request
	if !json.Valid(message) {
		return r, &Refusal{Code: BadJSON, Message: "the message is not JSON"}
	}
	if err := json.Unmarshal(message, &r); err != nil {
		return request{}, &Refusal{Code: BadRequest, Message: "a field of the message has the wrong type"}
	}
	if r.ID == "" || len(r.ID) > maxID {
		return request{}, &Refusal{Code: BadRequest, Message: "id must be a string of 1 to 64 bytes"}
	}
	return r, nil
}

// RefusalCode is a closed list; see host/PROTOCOL.md.
type RefusalCode string

// The errors of protocol 1.
const (
	BadJSON         RefusalCode = "bad-json"
	BadRequest      RefusalCode = "bad-request"
	UnknownType     RefusalCode = "unknown-type"
	TooLarge        RefusalCode = "too-large"
	Busy            RefusalCode = "busy"
	ForbiddenOrigin RefusalCode = "forbidden-origin"
)

// Refusal says why a message cannot be served. Message is for developers, in English.
type Refusal struct {
	Code    RefusalCode `json:"code"`
	Message string      `json:"message"`
}

type hello struct {
	Type     string `json:"type"`
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

type errorMessage struct {
	Type  string   `json:"type"`
	ID    string   `json:"id,omitempty"`
	Error *Refusal `json:"error"`
}

type progressMessage struct {
	Type  string      `json:"type"`
	ID    string      `json:"id"`
	Probe facts.Probe `json:"probe"`
	State string      `json:"state"`
}

type findingMessage struct {
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Finding findingSummary `json:"finding"`
}

// findingSummary is the part of a finding that is sent at once; the report holds all of it.
type findingSummary struct {
	Code   finding.Code   `json:"code"`
	Status finding.Status `json:"status"`
	Layer  finding.Layer  `json:"layer"`
}

type reportMessage struct {
	Type   string         `json:"type"`
	ID     string         `json:"id"`
	Report *report.Report `json:"report"`
	Field  *field.Record  `json:"field,omitempty"`
}

type repairedMessage struct {
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Action  repair.Action  `json:"action"`
	Outcome repair.Outcome `json:"outcome"`
}

type eventMessage struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Event event  `json:"event"`
}

// event is an event of a watch, with its meaning as a text if a language was requested.
type event struct {
	watch.Event
	Text string `json:"text,omitempty"`
}

// bye is the format of the answers that only say that something has ended. Their types are bye and cancelled.
type bye struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func progressOf(id string, p checks.Progress) progressMessage {
	return progressMessage{Type: "progress", ID: id, Probe: p.Probe, State: p.State}
}
