package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFigures(t *testing.T) {
	v := values{}
	require.NoError(t, v.read(strings.NewReader("BenchmarkStart/host-to-hello-2 50 2000000 ns/op 3.5 peak-MB\nBenchmarkStart/host-to-hello-2 50 4000000 ns/op 3.5 peak-MB\n"+
		"BenchmarkStart/host-to-hello-2 50 9000000 ns/op 3.5 peak-MB\nPASS\n")))
	f, err := v.figure("Start/host-to-hello", "ns/op")
	require.NoError(t, err)
	assert.Equal(t, "4.00 ms (2.00–9.00)", f.String("ns/op"))
	f, err = v.figure("Start/host-to-hello", "peak-MB")
	require.NoError(t, err)
	assert.Equal(t, "3.50 MB", f.String("peak-MB"))
	_, err = v.figure("Start/host-to-hello", "APDUs/op")
	assert.Error(t, err, "what was not measured is not zero")
}

// everything is a value for each benchmark that the tables name.
func everything(ours, others float64) values {
	all := values{}
	for _, r := range rows() {
		for _, p := range r.parts {
			all[p+" "+r.unit] = []float64{others}
		}
		all[r.ours+" "+r.unit] = []float64{ours}
	}
	for _, c := range comparisons() {
		for _, p := range c.peers {
			all[p.name+" "+c.unit] = []float64{others}
		}
		all[c.ours+" "+c.unit] = []float64{ours}
	}
	return all
}

// If a goal is missed or a peer is ahead, the row needs a reason. A row without its benchmark is an error.
func TestTables(t *testing.T) {
	var out strings.Builder
	require.NoError(t, write(&out, "a machine", everything(2, 3)))
	assert.NotContains(t, out.String(), "Where a")
	assert.Contains(t, out.String(), "| 1.50 |", "a peer")
	assert.Contains(t, out.String(), "| **0.67** |", "a floor")
	out.Reset()
	err := write(&out, "a machine", everything(9, 3))
	assert.NotContains(t, fmt.Sprint(err), "misses its goal")
	assert.Contains(t, out.String(), ", missed [1] |")
	unexplained := 0
	for _, c := range comparisons() {
		for _, p := range c.peers {
			if p.ahead == "" {
				unexplained++
			}
		}
	}
	require.Positive(t, unexplained)
	assert.Equal(t, unexplained, strings.Count(err.Error(), "says not why"))
	lacking := everything(2, 3)
	delete(lacking, "ContentScript/changing/ours main-thread-%")
	assert.ErrorContains(t, write(&out, "a machine", lacking), "was not measured")
}

// The figures in the readme are this command's, and nothing else in it changes.
func TestTheReadmesFigures(t *testing.T) {
	readme := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(readme, []byte("before\n"+figuresBegin+"old\n"+figuresEnd+"after\n"), 0o644))
	require.NoError(t, writeFigures(readme, everything(4e6, 2e6)))
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	assert.Regexp(t, `(?s)^before\n.*host: start → hello 4\.00 ms \(2\.00\).*\nafter\n$`, string(text))
	require.NoError(t, os.WriteFile(readme, []byte("no place"), 0o644))
	assert.Error(t, writeFigures(readme, everything(2, 1)))
	own, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	assert.Contains(t, string(own), figuresBegin)
	assert.Contains(t, string(own), figuresEnd)
}
