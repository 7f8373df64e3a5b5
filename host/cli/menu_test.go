package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks"
	"etax-doctor/checks/simulate"
)

func TestTheMenu(t *testing.T) {
	for input, want := range map[string]struct {
		code int
		says string
	}{
		"":          {0, "番号を入れて"},
		"3\n":       {0, "番号を入れて"},
		"１\n3\n":    {1, "カードが置かれていません"}, // a wide digit
		" 1 \r\n":   {1, "カードが置かれていません"}, // and the end of the input
		"x\n\n3\n":  {0, "1、2、3 のどれか"},
		"1\n1\n3\n": {1, "カードが置かれていません"},
	} {
		var out bytes.Buffer
		a := &App{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "ja" }, Now: time.Now, Machine: func() checks.Machine {
			m, _, _ := simulate.New("no-card", time.Now())
			m.Simulated = ""
			return m
		}}
		assert.Equal(t, want.code, a.Menu(t.Context(), strings.NewReader(input)), "%q", input)
		assert.Contains(t, out.String(), want.says, "%q", input)
		assert.Equal(t, strings.Count(input, "\n")+1-strings.Count(input, "3\n"), strings.Count(out.String(), "番号を入れて"), "%q: it asks before each line", input)
	}
}
