package main

import (
	"fmt"
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

// If a peer is ahead, its row needs a reason. A row without its benchmark is an error.
func TestRows(t *testing.T) {
	all := values{}
	for _, r := range rows() {
		all[r.ours+" "+r.unit] = []float64{2}
		for _, p := range r.peers {
			all[p.name+" "+r.unit] = []float64{3}
		}
	}
	var out strings.Builder
	require.NoError(t, write(&out, "a machine", all))
	assert.NotContains(t, out.String(), "Where a peer is ahead")
	assert.Contains(t, out.String(), "| 1.50 |")
	for _, r := range rows() {
		for _, p := range r.peers {
			theirs := p.name + " " + r.unit
			all[theirs] = []float64{1}
			err := write(&out, "a machine", all)
			if p.ahead == "" {
				assert.ErrorContains(t, err, "says not why", r.what)
			} else {
				assert.NotContains(t, fmt.Sprint(err), p.what+" is ahead of "+r.what)
			}
			all[theirs] = []float64{3}
		}
	}
	delete(all, "ContentScript/changing main-thread-%")
	assert.ErrorContains(t, write(&out, "a machine", all), "was not measured")
}
