package symptom

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// message is what people write. The held-out ones were not looked at when the table was made.
type message struct {
	Text    string
	Means   string
	HeldOut bool
}

func messages(t *testing.T) (all []message) {
	t.Helper()
	data, err := os.ReadFile("testdata/messages.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &all))
	return all
}

func understood(m message) bool {
	return slices.ContainsFunc(Find(m.Text), func(s facts.Symptom) bool { return s.Code == m.Means })
}

// What a message means is recognised however it is written; of messages that nobody has looked at, nine in ten.
func TestMessages(t *testing.T) {
	count, right := map[bool]int{}, map[bool]int{}
	for _, m := range messages(t) {
		if m.Means == string(NotKnown) {
			assert.Equal(t, []facts.Symptom{{Code: string(NotKnown)}}, Find(m.Text), "%s has nothing to do with a login", m.Text)
			continue
		}
		count[m.HeldOut]++
		if understood(m) {
			right[m.HeldOut]++
		} else {
			t.Logf("held out %v: %s means %s, not %v", m.HeldOut, m.Text, m.Means, Find(m.Text))
		}
	}
	t.Logf("built for: %d of %d, held out: %d of %d", right[false], count[false], right[true], count[true])
	assert.GreaterOrEqual(t, float64(right[true])/float64(count[true]), 0.9)
	assert.GreaterOrEqual(t, float64(right[false])/float64(count[false]), 0.9)
}

func TestMeanings(t *testing.T) {
	used := map[string]bool{}
	for _, m := range Meanings().Meanings {
		_, ok := finding.Lookup(m.Code)
		assert.True(t, ok, m.Code)
		for _, idea := range slices.Concat(m.Ideas, m.Without) {
			assert.NotEmpty(t, Meanings().Ideas[idea], "%s of %s", idea, m.Code)
			used[idea] = true
		}
	}
	for idea, words := range Meanings().Ideas {
		assert.True(t, used[idea], "no meaning has the idea %s", idea)
		for _, w := range words {
			assert.NotEmpty(t, Fold(w), w)
		}
	}
}
