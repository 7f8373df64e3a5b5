package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"regexp"
	"time"
)

// packageCode matches the package code in an installer's summary.
var packageCode = regexp.MustCompile(`\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}`)

// vtFiletime marks a time in the summary (MS-OLEPS 2.15, VT_FILETIME).
var vtFiletime = []byte{0x40, 0, 0, 0}

// stamp sets an installer's package code and times to fixed values: wixl uses a random code and the current time. Both
// are in the summary, which is not compressed and is at the end of the file.
func (p *packager) stamp(path, code string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	title := bytes.LastIndex(data, []byte("Installation Database"))
	if title < 0 {
		return fmt.Errorf("%s: no summary was found", path)
	}
	summary := data[title:min(len(data), title+1024)]
	at := packageCode.FindIndex(summary)
	if at == nil || len("{"+code+"}") != at[1]-at[0] {
		return fmt.Errorf("%s: no package code was found", path)
	}
	copy(summary[at[0]:], "{"+code+"}")
	// FILETIME counts 100 ns from 1601.
	filetime := uint64(p.epoch.Sub(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC))/100) + 116444736000000000
	found := 0
	for rest := summary; ; {
		i := bytes.Index(rest, vtFiletime)
		if i < 0 || i+12 > len(rest) {
			break
		}
		binary.LittleEndian.PutUint64(rest[i+4:], filetime)
		rest = rest[i+12:]
		found++
	}
	if found != 2 {
		return fmt.Errorf("%s: %d times in the summary instead of two", path, found)
	}
	return os.WriteFile(path, data, 0o644)
}
