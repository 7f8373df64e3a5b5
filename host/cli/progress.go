package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
)

// progressDelay is how long a check runs before it shows what it is doing: nobody can read a line that disappears at
// once.
const progressDelay = 300 * time.Millisecond

// progress is a line on the terminal that shows what is being checked. It disappears when the check is over.
type progress struct {
	mu      sync.Mutex
	app     *App
	timer   *time.Timer
	shown   bool
	ended   bool
	running []facts.Probe
}

func (a *App) progress(show bool) *progress {
	p := &progress{app: a}
	if show {
		p.timer = time.AfterFunc(progressDelay, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.shown = !p.ended
			p.draw()
		})
	}
	return p
}

// on receives the start and the end of each probe.
func (p *progress) on(event checks.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if event.State == "started" {
		p.running = append(p.running, event.Probe)
	} else {
		for i, probe := range p.running {
			if probe == event.Probe {
				p.running = append(p.running[:i], p.running[i+1:]...)
				break
			}
		}
	}
	p.draw()
}

// clearLine returns to the start of the line and clears it.
const clearLine = "\r\x1b[K"

func (p *progress) draw() {
	if !p.shown {
		return
	}
	catalog := p.app.texts()
	names := make([]string, len(p.running))
	for i, probe := range p.running {
		names[i] = catalog.Raw("layer_" + string(probe))
	}
	columns := p.app.Width
	if columns <= 0 {
		columns = defaultWidth
	}
	// Only a text that fits into one line can be cleared again.
	line := wrap(catalog.Raw("ui_checking")+" "+strings.Join(names, " / "), columns-3)[0]
	fmt.Fprint(p.app.Stdout, clearLine+line)
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.timer != nil {
		p.timer.Stop()
	}
	if p.shown {
		fmt.Fprint(p.app.Stdout, clearLine)
	}
	p.shown = false
}
