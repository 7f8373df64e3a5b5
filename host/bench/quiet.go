package main

import (
	"fmt"
	"os"
	"slices"
	"time"
)

const (
	// quiet is how much longer than its median an empty loop may take on a computer that does nothing else.
	quiet = 0.1
	// patience is how long to wait for that.
	patience = 2 * time.Minute
)

// waitForQuiet waits until this computer does nothing else, and returns the last spread. After a while it goes on: the
// spread is written beside the results.
func waitForQuiet() float64 {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Second) {
		s := spread()
		if s < quiet {
			return s
		}
		if time.Now().After(end) {
			fmt.Fprintf(os.Stderr, "bench: this computer is not quiet (%.0f %%); the results will say so\n", 100*s)
			return s
		}
		fmt.Fprintf(os.Stderr, "bench: waiting for this computer to be quiet (%.0f %%)\n", 100*s)
	}
}

// spread is how much longer than its median an empty loop takes at worst, but for the worst of forty.
func spread() float64 {
	times := make([]float64, 40)
	for i := range times {
		start := time.Now()
		for n := 0; n < 50_000_000; n++ { // nothing: the time is the processor's
		}
		times[i] = time.Since(start).Seconds()
	}
	slices.Sort(times)
	return times[len(times)-2]/times[len(times)/2] - 1
}
