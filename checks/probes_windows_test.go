package checks

import (
	"testing"
	"time"

	"etax-doctor/checks/finding"
)

// BenchmarkProbes: the judges of all layers against those of each, with this machine's own probes.
func BenchmarkProbes(b *testing.B) {
	m := ThisMachine(time.Now())
	for _, l := range Layers() {
		b.Run(string(l), func(b *testing.B) {
			for b.Loop() {
				Run(b.Context(), m, Options{Only: []finding.Layer{l}})
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			Run(b.Context(), m, Options{})
		}
	})
}
