package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/richardlehane/mscfb"
	"golang.org/x/text/encoding/japanese"
)

// codePage is that of Japanese Windows.
const codePage = 932

// placeholders stand for Japanese texts in what wixl is given, which writes other letters past the end of its memory. Each
// has as many bytes as its text, which takes its place afterwards.
type placeholders struct {
	held, texts [][]byte
}

func (p *placeholders) hold(text string) (string, error) {
	encoded, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(text))
	if err != nil {
		return "", err
	}
	held := fmt.Sprintf("japanese%d", len(p.held))
	held += strings.Repeat("~", len(encoded)-len(held))
	p.held, p.texts = append(p.held, []byte(held)), append(p.texts, encoded)
	return held, nil
}

// fill puts the texts into a stream of the same length.
func (p *placeholders) fill(data []byte) []byte {
	for i, held := range p.held {
		data = bytes.ReplaceAll(data, held, p.texts[i])
	}
	return data
}

// finish puts into an installer what wixl cannot: Japanese texts, the processor, and a package code and times that stay the
// same from the same checkout (wixl uses a random code and the current time).
func (p *packager) finish(path, platform string, texts *placeholders) error {
	if err := p.change(path, platform, uuid.Nil, texts); err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return p.change(path, platform, uuid.NewSHA1(space, data), texts) // other bytes, another package code
}

func (p *packager) change(path, platform string, code uuid.UUID, texts *placeholders) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	streams, err := mscfb.New(file)
	if err != nil {
		return err
	}
	changed := 0
	for _, stream := range streams.File {
		var change func([]byte) ([]byte, error)
		switch streamName(stream) {
		case "!_StringData":
			change = func(data []byte) ([]byte, error) { return texts.fill(data), nil }
		case "!_StringPool":
			change = func(data []byte) ([]byte, error) {
				binary.LittleEndian.PutUint16(data, codePage) // the pool begins with its code page
				return data, nil
			}
		case "SummaryInformation":
			change = func(data []byte) ([]byte, error) {
				data = texts.fill(data)
				return data, setSummary(data, map[uint32]any{
					summaryCodePage: int16(codePage), summaryTemplate: platform + ";1041", summaryPackageCode: "{" + strings.ToUpper(code.String()) + "}",
					summaryCreated: p.epoch, summarySaved: p.epoch,
				})
			}
		default:
			continue
		}
		data, err := io.ReadAll(stream)
		if err != nil {
			return err
		}
		if data, err = change(data); err != nil {
			return err
		}
		if _, err := stream.WriteAt(data, 0); err != nil {
			return err
		}
		changed++
	}
	if changed != 3 {
		return fmt.Errorf("%d streams to change instead of three", changed)
	}
	return file.Close()
}

// streamName decodes the name of a stream in an installer, which has two characters of 64 in one letter from U+3800 on, one in
// one from U+4800 on, and begins with U+4840 ("!") for a table.
func streamName(stream *mscfb.File) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
	var b strings.Builder
	for _, r := range stream.Name {
		switch {
		case r >= 0x3800 && r < 0x4800:
			b.WriteByte(digits[(r-0x3800)&63])
			b.WriteByte(digits[(r-0x3800)>>6])
		case r >= 0x4800 && r < 0x4840:
			b.WriteByte(digits[r-0x4800])
		case r == 0x4840:
			b.WriteByte('!')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// The properties of an installer's summary (MS-OLEPS, PIDSI_*).
const (
	summaryCodePage    = 1
	summaryTemplate    = 7
	summaryPackageCode = 9
	summaryCreated     = 12
	summarySaved       = 13
)

// setSummary sets properties in place: a text must fit where the former one is, padded to four bytes.
func setSummary(data []byte, values map[uint32]any) error {
	const firstSet = 44 // where the offset of the first property set is
	if len(data) < firstSet+4 {
		return errors.New("the summary is too short")
	}
	set := data[binary.LittleEndian.Uint32(data[firstSet:]):]
	found := 0
	for i := range binary.LittleEndian.Uint32(set[4:]) {
		entry := set[8+8*i:]
		value, wanted := values[binary.LittleEndian.Uint32(entry)]
		if !wanted {
			continue
		}
		found++
		property := set[binary.LittleEndian.Uint32(entry[4:])+4:] // after its type
		switch value := value.(type) {
		case int16:
			binary.LittleEndian.PutUint16(property, uint16(value))
		case time.Time: // FILETIME counts 100 ns from 1601
			binary.LittleEndian.PutUint64(property, uint64(value.Unix())*1e7+116444736000000000)
		case string:
			room := (binary.LittleEndian.Uint32(property) + 3) / 4 * 4
			if uint32(len(value)) >= room {
				return fmt.Errorf("no room for %q in the summary", value)
			}
			clear(property[4 : 4+room])
			copy(property[4:], value)
			binary.LittleEndian.PutUint32(property, uint32(len(value)+1))
		}
	}
	if found != len(values) {
		return fmt.Errorf("%d properties in the summary instead of %d", found, len(values))
	}
	return nil
}
