//go:build linux && cgo

package checks_test

import (
	"context"
	"encoding/hex"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/checks/smartcard/watch"
	"etax-doctor/host/version"
)

const readerName = "SONY FeliCa RC-S300/P (1234567)"

// limit ends what hangs. How long a report takes is measured, not tested: on a computer that is busy with other work, anything may
// take long.
const limit = 3 * time.Minute

func check(t *testing.T) *checks.Result {
	t.Helper()
	return checkMachine(t, thisMachine())
}

// thisMachine is the real machine, but its app probe reports an installed bridge app.
func thisMachine() checks.Machine {
	m := checks.ThisMachine(version.BuiltAt())
	m.App = withApp
	return m
}

func withApp(context.Context) *facts.App {
	return &facts.App{OS: "linux", Browsers: []string{"chromium"}, Registrations: []facts.Registration{
		{Host: "com.github.jpki.mpa", Browser: "chromium", Level: facts.LevelUser, State: facts.RegistrationOK}}}
}

func checkMachine(t *testing.T, machine checks.Machine) *checks.Result {
	t.Helper()
	done := make(chan *checks.Result, 1)
	go func() { done <- checks.Run(context.Background(), machine, checks.Options{}) }()
	select {
	case r := <-done:
		return r
	case <-time.After(limit):
		t.Fatal("no report")
		return nil
	}
}

func requireNoPINData(t *testing.T, card *virtualcard.Card) {
	t.Helper()
	for _, cmd := range card.Record() {
		if len(cmd) > 1 && cmd[1] == 0x20 {
			require.Len(t, cmd, 4, "a VERIFY with data: % X", cmd)
		}
	}
	login, signing := card.Tries()
	assert.Equal(t, []int{3, 5}, []int{login, signing}, "tries left")
}

func TestRealPCSC(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile func(*virtualcard.Profile)
		want    finding.Code
	}{
		{"healthy", func(*virtualcard.Profile) {}, finding.AllFine},
		{"expired", func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -1) }, "certificate.expired"},
		{"another card", func(p *virtualcard.Profile) { p.SelectSW = 0x6A82 }, "card.not-my-number"},
		{"short forms refused", func(p *virtualcard.Profile) { p.RefuseSFI = true }, finding.AllFine},
		{"garbage for a certificate", func(p *virtualcard.Profile) { p.Certificate = []byte("not a certificate") }, "card.unreadable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := pcsctest.Start(t, readerName)
			profile := virtualcard.Healthy(time.Now())
			c.profile(&profile)
			card := virtualcard.New(profile)
			d.Insert(t, 0, card)
			r := check(t)
			assert.Equal(t, c.want, r.Verdict.Code, "%+v", r.Findings)
			requireNoPINData(t, card)
			assert.NotContains(t, r.Facts.PCSC.Readers[0].Name, "1234567", "the reader's serial number")
		})
	}
}

func TestAFullReadTakesSevenAPDUsExtendedAndThirteenShort(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	remove := d.Insert(t, 0, card)
	check(t)
	assert.Len(t, card.Record(), 7)
	remove()

	profile := virtualcard.Healthy(time.Now())
	profile.RefuseExtended = true
	card = virtualcard.New(profile)
	d.Insert(t, 0, card)
	machine := thisMachine()
	checks.Run(t.Context(), machine, checks.Options{})
	assert.Len(t, card.Record(), 14, "one try in vain")
	checks.Run(t.Context(), machine, checks.Options{})
	assert.Len(t, card.Record(), 14+13, "which is remembered")
}

func TestNoCard(t *testing.T) {
	pcsctest.Start(t, readerName)
	assert.Equal(t, finding.Code("card.absent"), check(t).Verdict.Code)
}

// Conditions that a test cannot create, such as a device without a driver, are simulated; the rest is real.
func TestWhatCannotBeMadeHere(t *testing.T) {
	for _, c := range []struct {
		want    finding.Code
		readers []string
		put     func(*checks.Machine)
	}{
		{"reader.driver-missing", nil, func(m *checks.Machine) {
			m.Devices = func() []facts.Device { return []facts.Device{{USB: "054c:06c1", Name: "Sony PaSoRi RC-S380"}} }
		}},
		{"reader.remote-session", []string{readerName}, func(m *checks.Machine) {
			m.System = func(context.Context) *facts.System {
				return &facts.System{OS: "windows", Clock: time.Now(), RemoteSession: true}
			}
		}},
		{"system.clock-wrong", []string{readerName}, func(m *checks.Machine) {
			m.System = func(context.Context) *facts.System {
				return &facts.System{OS: "linux", Clock: time.Unix(0, 0), BuiltAt: time.Now()}
			}
		}},
	} {
		t.Run(string(c.want), func(t *testing.T) {
			d := pcsctest.Start(t, c.readers...)
			if c.readers != nil {
				d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
			}
			machine := thisMachine()
			c.put(&machine)
			assert.Equal(t, c.want, checkMachine(t, machine).Verdict.Code)
		})
	}
}

func TestNoReader(t *testing.T) {
	pcsctest.Start(t)
	assert.Equal(t, finding.Code("reader.none"), check(t).Verdict.Code)
}

func TestServiceStopped(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	d.Stop()
	r := check(t)
	assert.Equal(t, finding.Code("service.smart-card-stopped"), r.Verdict.Code)
	for _, f := range r.Findings {
		if f.Layer == "card" {
			assert.Equal(t, finding.Skipped, f.Status)
			assert.Equal(t, finding.Code("service.smart-card-stopped"), f.SkippedBecause)
		}
	}
}

func TestForeignTransaction(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	name := d.SlotName(t, 0)
	pcsctest.HoldTransaction(t, name)
	before := len(card.Record())
	r := check(t)
	assert.Equal(t, finding.Code("card.in-use"), r.Verdict.Code, "%+v", r.Findings)
	assert.Equal(t, "transaction", r.Verdict.Args["how"])
	assert.Len(t, card.Record(), before, "nothing was sent to a card that another program holds")
}

// A card that another program holds must not block anything else: neither the next check in this process nor a watch.
func TestAForeignTransactionBesideOtherWork(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	ctx, cancel := context.WithCancel(t.Context())
	events, done := make(chan watch.Event, 100), make(chan struct{})
	go func() {
		defer close(done)
		watch.Run(ctx, pcsc.New(), func(e watch.Event) { events <- e })
	}()
	for range 3 { // two slots and a card
		<-events
	}
	release := pcsctest.HoldTransaction(t, d.SlotName(t, 0))
	for range 2 {
		r := check(t)
		assert.Equal(t, finding.Code("card.in-use"), r.Verdict.Code, "%+v", r.Findings)
	}
	release()
	require.Eventually(t, func() bool { return check(t).Verdict.Code == finding.AllFine }, limit, 10*time.Millisecond)
	cancel()
	<-done
	close(events)
	for e := range events {
		assert.Contains(t, []watch.Kind{watch.CardBusy, watch.CardFree}, e.Kind)
	}
}

func TestExclusiveUse(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	pcsctest.HoldExclusively(t, d.SlotName(t, 0))
	r := check(t)
	assert.Equal(t, finding.Code("card.in-use"), r.Verdict.Code)
	assert.Equal(t, "exclusive", r.Verdict.Args["how"])
}

func TestLoginInFlightLeavesTheCardAlone(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	m := thisMachine()
	m.PCSC = noConnect{m.PCSC, t}
	r := checks.Run(t.Context(), m, checks.Options{LoginInFlight: true})
	assert.Empty(t, card.Record())
	assert.Equal(t, finding.NotAllChecked, r.Verdict.Code)
}

// Another program logs in with the same card again and again while this program checks it again and again. No login may
// fail because of a check, and no check may report the card as faulty. That the card is in use is true, and on a busy
// machine the other program may well hold it for as long as a check waits.
func TestALoginBesideChecks(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	end := pcsctest.LogIn(t, d.SlotName(t, 0))
	machine := thisMachine()
	signatures := func() (n int) {
		for _, cmd := range card.Record() {
			if cmd[1] == 0x2A {
				n++
			}
		}
		return n
	}
	fine := 0
	var faulty *checks.Result
	require.Eventually(t, func() bool {
		switch r := checks.Run(t.Context(), machine, checks.Options{}); r.Verdict.Code {
		case finding.AllFine:
			fine++
		case "card.in-use":
		default:
			faulty = r
		}
		return faulty != nil || (fine >= 20 && signatures() >= 20)
	}, limit, 10*time.Millisecond)
	require.Nil(t, faulty)
	assert.GreaterOrEqual(t, end(), 19, "the login that was being made when the last check ended may not be counted")
	assert.Zero(t, card.Resets())
	login, _ := card.Tries()
	assert.Equal(t, 3, login)
}

func TestAnotherProgramThatResetsTheCard(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	pcsctest.ResetCard(t, d.SlotName(t, 0))
	require.Eventually(t, func() bool { return card.Resets() > 2 }, limit, time.Millisecond)
	for range 5 {
		r := check(t)
		assert.Equal(t, finding.AllFine, r.Verdict.Code, "%+v", r.Findings)
	}
	requireNoPINData(t, card)
}

func TestNothingIsLeaked(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	machine := thisMachine()
	measure := func() (goroutines, handles int, heap uint64) {
		// Goroutines of released contexts and cards may need a moment to end.
		require.Eventually(t, func() bool {
			n := runtime.NumGoroutine()
			runtime.Gosched()
			return n == runtime.NumGoroutine()
		}, limit, 10*time.Millisecond)
		entries, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), len(entries), m.HeapAlloc
	}
	run := func(n int) {
		for range n {
			checks.Run(t.Context(), machine, checks.Options{})
		}
	}
	run(50)
	goroutines, handles, heap := measure()
	run(1000)
	for range 100 { // contexts are released in the background
		g, h, m := measure()
		if g <= goroutines+2 && h <= handles+2 && m < heap+2<<20 {
			return
		}
	}
	g, h, m := measure()
	t.Fatalf("after 1,000 runs: goroutines %d → %d, handles %d → %d, heap %d → %d", goroutines, g, handles, h, heap, m)
}

// If a process ends with an open transaction, pcscd resets the card. So a cancelled read must give the card back before
// Run returns.
func TestACancelledReadGivesTheCardBack(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	profile := virtualcard.Healthy(time.Now())
	profile.Delay = 200 * time.Millisecond
	card := virtualcard.New(profile)
	d.Insert(t, 0, card)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		checks.Run(ctx, thisMachine(), checks.Options{})
	}()
	require.Eventually(t, func() bool { return len(card.Record()) >= 2 }, limit, time.Millisecond)
	cancel()
	<-done
	pcsctest.WaitFor(t, "the card to be free", func(pc pcsc.Context) bool {
		states, err := pc.States(t.Context(), []string{d.SlotName(t, 0)})
		return err == nil && !states[0].Flags.Has(pcsc.StateInUse)
	})
	assert.Zero(t, card.Resets())
}

// noConnect fails the test if the program connects to a card.
type noConnect struct {
	pcsc.System
	t *testing.T
}

func (n noConnect) Establish(ctx context.Context) (pcsc.Context, error) {
	pc, err := n.System.Establish(ctx)
	return noConnectContext{pc, n.t}, err
}

type noConnectContext struct {
	pcsc.Context
	t *testing.T
}

func (n noConnectContext) Connect(context.Context, string) (pcsc.Card, error) {
	n.t.Error("a card was connected to")
	return nil, pcsc.ErrNotBuilt
}

func TestSeveralReadersWithTheCardInTheLast(t *testing.T) {
	d := pcsctest.Start(t, "Windows Hello for Business 1", "Empty Reader", "ACS ACR1251 CL Reader")
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 2, card)
	r := check(t)
	assert.Equal(t, finding.AllFine, r.Verdict.Code, "%+v", r.Findings)
}

// OpenSC is independent of this project, so it can show that the virtual card behaves like a real one.
func TestOpenSCReadsTheVirtualCard(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	pkcs15 := func(args ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "pkcs15-tool", append([]string{"--reader", "0"}, args...)...)
		cmd.Env = append(os.Environ(), "OPENSC_CONF=/dev/null")
		out, err := cmd.CombinedOutput()
		t.Logf("pkcs15-tool %s: %v", strings.Join(args, " "), err)
		return string(out)
	}
	out := pkcs15("--list-pins")
	assert.Contains(t, out, "Tries left     : 3")
	assert.Contains(t, out, "Tries left     : 5")
	assert.Contains(t, pkcs15("--read-certificate", "01"), "BEGIN CERTIFICATE")
	assert.NotContains(t, pkcs15("--read-certificate", "02"), "BEGIN CERTIFICATE", "the signing certificate without its password")

	pkcs15("--verify-pin", "--auth-id", "01", "--pin", "9999")
	login, _ := card.Tries()
	assert.Equal(t, 2, login, "a wrong PIN given by another program costs a try")
	pkcs15("--verify-pin", "--auth-id", "01", "--pin", virtualcard.LoginPIN)
	login, _ = card.Tries()
	assert.Equal(t, 3, login)
	sent := ""
	for _, cmd := range card.Record() {
		sent += hex.EncodeToString(cmd) + "\n"
	}
	assert.Contains(t, sent, hex.EncodeToString([]byte(virtualcard.LoginPIN)), "the card records what other programs send")
}
