package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	hosttexts "etax-doctor/host/texts"
)

// generate returns the generated files by their paths below the project's root.
func generate(root fs.FS) (map[string][]byte, error) {
	codes, names, err := read(root)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		"checks/finding/catalog.json": hostCatalog(codes),
	}
	if files["extension/bridges.json"], err = bridges(root); err != nil {
		return nil, err
	}
	if files["extension/content/words.js"], err = words(root); err != nil {
		return nil, err
	}
	meanings, err := extensionMeanings(root)
	if err != nil {
		return nil, err
	}
	known, err := conflicts(root)
	if err != nil {
		return nil, err
	}
	files["extension/meanings.json.gz"] = compressed(meanings)
	files["extension/conflicts.json.gz"] = compressed(known)
	files["extension/catalog.json.gz"] = compressed(extensionCatalog(codes))
	var byLanguage []map[string]string
	for _, language := range hosttexts.Languages {
		inHost, err := handwritten(root, "host/texts/locales/"+language+".json")
		if err != nil {
			return nil, err
		}
		inExtension, err := handwritten(root, "extension/texts/"+language+".json")
		if err != nil {
			return nil, err
		}
		if err := contacts(root, language, inExtension); err != nil {
			return nil, err
		}
		for layer, name := range names {
			inExtension["layer_"+string(layer)] = name[language]
		}
		for _, c := range codes {
			into := inHost
			if c.inExtension {
				into = inExtension
			}
			if err := c.addTexts(into, language); err != nil {
				return nil, err
			}
		}
		files["extension/_locales/"+language+"/messages.json"] = browserTexts(inExtension)
		alone := maps.Clone(inExtension)
		for _, c := range codes {
			if c.inExtension || !c.travels() {
				continue
			}
			if err := c.addTexts(alone, language); err != nil {
				return nil, err
			}
			delete(alone, hosttexts.Key(c.Code, "detail")) // for the size's sake
		}
		byLanguage = append(byLanguage, alone)
		if err := addExtensionTexts(inExtension, inHost); err != nil {
			return nil, err
		}
		files["host/texts/generated/"+language+".txt"] = hosttexts.Table(inHost)
	}
	files["extension/texts.json.gz"] = compressed(extensionTexts(byLanguage))
	return files, nil
}

func handwritten(root fs.FS, path string) (texts map[string]string, err error) {
	data, err := fs.ReadFile(root, path)
	if err == nil {
		err = json.Unmarshal(data, &texts)
	}
	return texts, err
}

// sentence matches {@key}, a reference to a sentence that several texts share.
var sentence = regexp.MustCompile(`\{@\w+\}`)

// expand replaces the references in a text, and those in the sentences.
func expand(text string, sentences map[string]string) string {
	return sentence.ReplaceAllStringFunc(text, func(p string) string { return expand(sentences[p[2:len(p)-1]], sentences) })
}

// addExtensionTexts adds the extension's texts to the host's, which shows the extension's findings too. No key may be in
// both. It expands all references, since only the extension has to be small.
func addExtensionTexts(extension, host map[string]string) error {
	for key, text := range extension {
		if _, there := host[key]; there {
			return fmt.Errorf("there are two texts %s", key)
		}
		host[key] = text
	}
	for key, text := range host {
		host[key] = expand(text, host)
	}
	return nil
}

// browserTexts are the texts that the browser itself looks up: the manifest's.
func browserTexts(texts map[string]string) []byte {
	messages := map[string]map[string]string{}
	for _, key := range []string{"extension_name", "extension_description"} {
		messages[key] = map[string]string{"message": texts[key]}
	}
	return lines(messages)
}

// extensionTexts are the extension's texts in columns: the keys, and in the same order the texts of each language. Packed,
// texts of one language side by side take the least space.
func extensionTexts(byLanguage []map[string]string) []byte {
	keys := slices.Sorted(maps.Keys(byLanguage[0]))
	keys = slices.DeleteFunc(keys, func(key string) bool { return key == "extension_description" }) // only the browser shows it
	columns := map[string][]string{"keys": keys}
	for i, language := range hosttexts.Languages {
		for _, key := range keys {
			columns[language] = append(columns[language], byLanguage[i][key])
		}
	}
	return lines(columns)
}

// compressed is data in gzip's format. The tables would be a third of the extension.
func compressed(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // cannot happen: the level is one, and a buffer takes everything
	}
	return b.Bytes()
}

// addTexts adds the code's texts by the keys under which both sides look them up.
func (c code) addTexts(into map[string]string, language string) error {
	texts := c.JA
	if language == "en" {
		texts = c.EN
	}
	for part, raw := range texts {
		text, err := decodeText(raw)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", part, c.Code, err)
		}
		key := hosttexts.Key(c.Code, part)
		if _, there := into[key]; there {
			return fmt.Errorf("there are two texts %s", key)
		}
		into[key] = text
	}
	return nil
}

// decodeText decodes a text. It joins the lines of a list.
func decodeText(raw json.RawMessage) (text string, err error) {
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var list []string
	err = json.Unmarshal(raw, &list)
	return strings.Join(list, "\n"), err
}

func hostCatalog(codes []code) []byte {
	entries := make([]finding.Entry, len(codes))
	for i, c := range codes {
		entries[i] = c.Entry
	}
	return document(list("layers", layers()), list("codes", entries))
}

// extensionLayer is a layer in the extension's catalogue. Fields with their usual value are omitted.
type extensionLayer struct {
	Name    finding.Layer `json:"name"`
	Class   string        `json:"class,omitempty"` // if omitted: authentication
	Station string        `json:"station,omitempty"`
	// Fine is given for the layers that the host judges.
	Fine finding.Code `json:"fine,omitempty"`
	// Prefixes are the first words of codes that also stand for the layer, besides its own name.
	Prefixes []string `json:"prefixes,omitempty"`
}

func prefix(c finding.Code) string {
	first, _, _ := strings.Cut(string(c), ".")
	return first
}

// extensionCatalog has the codes that the extension itself finds; the host's findings have the same data in them. A code's
// layer is omitted if the code's first word gives it.
func extensionCatalog(codes []code) []byte {
	of := map[string]finding.Layer{} // the layer of the first code with this first word
	for _, r := range checks.Rooms {
		of[string(r.Layer)] = r.Layer
	}
	for _, c := range codes {
		if word := prefix(c.Code); of[word] == "" {
			of[word] = c.Layer
		}
	}
	var all []extensionLayer
	for _, r := range checks.Rooms {
		l := extensionLayer{Name: r.Layer, Station: r.Station}
		for _, word := range slices.Sorted(maps.Keys(of)) {
			if of[word] == r.Layer && word != string(r.Layer) {
				l.Prefixes = append(l.Prefixes, word)
			}
		}
		if r.Class != "authentication" {
			l.Class = r.Class
		}
		if slices.Contains(checks.Layers(), r.Layer) {
			l.Fine = r.Fine
		}
		all = append(all, l)
	}
	var entries [][]byte
	for _, c := range codes {
		if !c.travels() {
			continue
		}
		e := extensionEntry{Entry: c.Entry, Fine: c.Fine()}
		e.Args, e.Bring, e.Difficulty = nil, "", ""
		if !c.inExtension {
			e.Takes = ""
		}
		if of[prefix(c.Code)] == e.Layer {
			e.Layer = ""
		}
		entries = append(entries, member(string(c.Code), e))
	}
	return document(list("layers", all), list("stations", checks.Stations), slices.Concat([]byte("\"codes\":"), object(entries)))
}

// extensionEntry omits the code, because it is the key of the entry.
type extensionEntry struct {
	finding.Entry
	Code finding.Code `json:"code,omitempty"`
	Fine bool         `json:"fine,omitempty"`
}

// document is a JSON object of the given members, with one entry per line, so that a diff shows only the changed lines.
func document(members ...[]byte) []byte { return append(object(members), '\n') }

func object(members [][]byte) []byte {
	return slices.Concat([]byte("{\n"), bytes.Join(members, []byte(",\n")), []byte("\n}"))
}

func member(key string, value any) []byte { return slices.Concat(line(key), []byte(":"), line(value)) }

// list is a member whose value is a list, with one element per line.
func list[T any](key string, elements []T) []byte {
	all := make([][]byte, len(elements))
	for i, e := range elements {
		all[i] = line(e)
	}
	return slices.Concat(line(key), []byte(":[\n"), bytes.Join(all, []byte(",\n")), []byte("\n]"))
}

// lines is an object, in the order of its keys.
func lines[T any](values map[string]T) []byte { return document(members(values)...) }

func members[T any](values map[string]T) (all [][]byte) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		all = append(all, member(key, values[key]))
	}
	return all
}

// line is JSON in one line; < and & are not escaped.
func line(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // cannot happen: v is plain data
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
