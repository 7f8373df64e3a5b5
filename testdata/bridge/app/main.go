// Command app plays the bridge's app, for tests. The file "answer" beside the program holds its answer, whose
// mode becomes the request's. Without the file it waits for ever, as while a PIN window is open; with an empty one it ends
// at once.
package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

func main() {
	program, err := os.Executable()
	if err != nil {
		os.Exit(1)
	}
	var length [4]byte
	if _, err := io.ReadFull(os.Stdin, length[:]); err != nil {
		return
	}
	request := make([]byte, binary.NativeEndian.Uint32(length[:]))
	if _, err := io.ReadFull(os.Stdin, request); err != nil {
		return
	}
	answer, err := os.ReadFile(filepath.Join(filepath.Dir(program), "answer"))
	if err == nil && len(answer) == 0 {
		return
	}
	if err == nil {
		if mode := regexp.MustCompile(`"mode":"\d\d"`).Find(request); mode != nil {
			answer = bytes.Replace(answer, []byte(`"mode":"01"`), mode, 1)
		}
		_, _ = os.Stdout.Write(append(binary.NativeEndian.AppendUint32(nil, uint32(len(answer))), answer...))
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}
