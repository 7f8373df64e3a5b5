package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
)

// bridges is the part of the table of bridges that the extension needs.
func bridges(root fs.FS) ([]byte, error) {
	var all []struct {
		Name        string              `json:"name"`
		Use         string              `json:"use"`
		IDs         map[string][]string `json:"ids"`
		Permissions []string            `json:"permissions,omitempty"`
		Newest      string              `json:"newest,omitempty"`
		AltersAgent bool                `json:"altersAgent,omitempty"`
	}
	if err := readTable(root, "checks/bridge/bridges.json", &all); err != nil {
		return nil, err
	}
	return append(line(all), '\n'), nil
}

// conflicts is the table of extensions that may interfere, without its sources.
func conflicts(root fs.FS) ([]byte, error) {
	var all []struct {
		Kind   string   `json:"kind"`
		Status string   `json:"status"`
		Words  []string `json:"words"`
	}
	if err := readTable(root, "extension/checks/conflicts.json", &all); err != nil {
		return nil, err
	}
	return append(line(all), '\n'), nil
}

// words is the part of the table of e-Tax's pages that content scripts need, as a script, so that they need no request.
func words(root fs.FS) ([]byte, error) {
	var page struct {
		CardButtons json.RawMessage `json:"cardButtons"`
		PageButtons json.RawMessage `json:"pageButtons"`
		Pages       json.RawMessage `json:"pages"`
		LoginDomain json.RawMessage `json:"loginDomain"`
		LoggedIn    json.RawMessage `json:"loggedIn"`
		NumberField json.RawMessage `json:"numberField"`
		Texts       []struct {
			Text string `json:"text"`
			Code string `json:"code"`
			When string `json:"when,omitempty"`
			With string `json:"with,omitempty"`
		} `json:"texts"`
	}
	if err := readTable(root, "checks/symptom/page.json", &page); err != nil {
		return nil, err
	}
	hosts, err := watchedHosts(root)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte(`// What e-Tax's pages show; generated from checks/symptom/page.json and the manifest.
/* exported etaxDoctorWords */
/** @type {Words} */
const etaxDoctorWords = `), object([][]byte{member("cardButtons", page.CardButtons), member("pageButtons", page.PageButtons),
		member("pages", page.Pages), member("loginDomain", page.LoginDomain), member("hosts", hosts), member("loggedIn", page.LoggedIn), member("numberField", page.NumberField), list("texts", page.Texts)}), []byte(";\n")), nil
}

// watchedHosts are the hosts that the extension looks at without being allowed more, and those below them.
func watchedHosts(root fs.FS) (hosts []string, err error) {
	var manifest struct {
		Host []string `json:"host_permissions"`
	}
	if err := readTable(root, "extension/manifest.json", &manifest); err != nil {
		return nil, err
	}
	for _, pattern := range manifest.Host {
		page, err := url.Parse(pattern)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, strings.TrimPrefix(page.Host, "*."))
	}
	return hosts, nil
}

// contacts adds the offices that can be asked, as sentences.
func contacts(root fs.FS, language string, into map[string]string) error {
	var all []map[string]string
	if err := readTable(root, "host/texts/contacts.json", &all); err != nil {
		return err
	}
	for _, c := range all {
		into[c["key"]] = strings.ReplaceAll(c[language], "{number}", c["number"])
	}
	return nil
}

func readTable(root fs.FS, path string, into any) error {
	data, err := fs.ReadFile(root, path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
