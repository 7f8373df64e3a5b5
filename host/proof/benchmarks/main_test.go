package main

import (
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

// A row that is behind has to say why, and one whose benchmark is gone is an error.
func TestRows(t *testing.T) {
	all := values{}
	for _, r := range rows() {
		all[r.ours+" "+r.unit] = []float64{2}
		for _, p := range r.peers {
			all[p.name+" "+r.unit] = []float64{3}
		}
	}
	var out strings.Builder
	require.NoError(t, write(&out, all))
	assert.NotContains(t, out.String(), "Where a peer is ahead")
	assert.Contains(t, out.String(), "| 1.50 |")
	for _, r := range rows() {
		if len(r.peers) == 0 {
			continue
		}
		all[r.ours+" "+r.unit] = []float64{5}
		err := write(&out, all)
		if r.behind == "" {
			assert.ErrorContains(t, err, "says not why", r.what)
		} else {
			assert.NoError(t, err, r.what)
		}
		all[r.ours+" "+r.unit] = []float64{2}
	}
	delete(all, "ContentScript/changing main-thread-%")
	assert.ErrorContains(t, write(&out, all), "was not measured")
}
