// Package ways knows other ways to file the return today, for a person whose login does not work, and until when.
package ways

import (
	"cmp"
	_ "embed"
	"strconv"
	"strings"
	"time"

	"etax-doctor/checks/finding"
	"etax-doctor/checks/table"
	"etax-doctor/host/texts"
)

//go:embed ways.json
var waysJSON []byte

type data struct {
	// Groups are the ways that fit one kind of fault, the best first.
	Groups map[string][]string `json:"groups"`
	// Layers and Codes name the group of a verdict, "" for none; a code precedes its layer. Others belong to "machine".
	Layers map[finding.Layer]string `json:"layers"`
	Codes  map[finding.Code]string  `json:"codes"`
	// Deadlines of the income tax return. Past the last one, nothing is said of a deadline.
	Deadlines []deadline `json:"deadlines"`
}

type deadline struct {
	Opens string `json:"opens"` // the first and the last day of the season, in Japan
	Last  string `json:"last"`
}

var ways = table.Once[data]("ways.json", waysJSON)

// Way is one way, and what it needs.
type Way struct {
	Title string `json:"title"`
	Needs string `json:"needs"`
}

// All is the whole table with its texts, for the extension: its verdict may be another one than the host's.
type All struct {
	Groups   map[string][]Way         `json:"groups"`
	Layers   map[finding.Layer]string `json:"layers"`
	Codes    map[finding.Code]string  `json:"codes"`
	Deadline string                   `json:"deadline,omitempty"`
}

// machine is the group of a verdict that no entry names: what is broken is not the card, so the phone can read it.
const machine = "machine"

// For returns the ways that fit a verdict; seen: a message was seen or reported. There are none for a warning without one, unless
// its code is named: the login works. The same rule is in extension/ui/hurry.js.
func (a *All) For(verdict finding.Finding, seen bool) []Way {
	group, named := a.Codes[verdict.Code]
	if verdict.Status == finding.Warning && !seen && !named {
		return nil
	}
	if !named {
		group, named = a.Layers[verdict.Layer]
	}
	if !named {
		group = machine
	}
	return a.Groups[group]
}

// Everything returns the whole table.
func Everything(catalog *texts.Catalog, now time.Time) *All {
	all := &All{Groups: map[string][]Way{}, Layers: ways().Layers, Codes: ways().Codes, Deadline: Deadline(catalog, now)}
	for name, group := range ways().Groups {
		all.Groups[name] = texted(group, catalog, now)
	}
	return all
}

func texted(group []string, catalog *texts.Catalog, now time.Time) (all []Way) {
	tomorrow := now.In(jst).AddDate(0, 0, 1)
	for _, way := range group {
		key := "way_" + strings.ReplaceAll(way, "-", "_")
		all = append(all, Way{
			Title: catalog.Text(key+"_title", finding.Args{"date": catalog.Date(tomorrow)}),
			Needs: catalog.Text(key+"_needs", nil),
		})
	}
	return all
}

var jst = time.FixedZone("JST", 9*60*60)

// Deadline says how many days are left until the return has to be in; "" outside the season.
func Deadline(catalog *texts.Catalog, now time.Time) string {
	today := now.In(jst).Format(time.DateOnly)
	for _, d := range ways().Deadlines {
		if today < d.Opens || today > d.Last {
			continue
		}
		last, err := time.Parse(time.DateOnly, d.Last)
		from, _ := time.Parse(time.DateOnly, today)
		if err != nil {
			return ""
		}
		days := int(last.Sub(from).Hours() / 24)
		key := cmp.Or(map[int]string{0: "ui_deadline_today", 1: "ui_deadline_tomorrow"}[days], "ui_deadline")
		return catalog.Text(key, finding.Args{"date": catalog.MonthDay(last), "days": strconv.Itoa(days)})
	}
	return ""
}
