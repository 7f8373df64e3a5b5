//go:build linux && cgo

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/turn"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/host/hostlog"
	"etax-doctor/host/repair"
	"etax-doctor/host/session"
	"etax-doctor/host/version"
	"etax-doctor/manifests"
)

// state is a state of the world, named by the correct verdict for it.
type state string

const (
	allFine     state = "verdict.all-fine"
	expiredCard state = "certificate.expired"
	absent      state = "card.absent"
	stopped     state = "service.smart-card-stopped"
)

// transitional are further verdicts that are allowed if the state changes during a check. None says that nothing failed.
var transitional = []string{"card.removed", "card.unreadable", "card.in-use", "card.mute", "reader.none", "reader.unavailable"}

// world is the reader, the cards and pcscd. It changes at random: cards come and go, and pcscd ends and starts.
type world struct {
	t      *testing.T
	random *rand.Rand
	daemon *pcsctest.Daemon
	is     state
	remove func()
	cards  []*virtualcard.Card
}

func newWorld(t *testing.T, random *rand.Rand) *world {
	return &world{t: t, random: random, daemon: pcsctest.Start(t, harness.ReaderName), is: absent}
}

func (w *world) change() {
	w.t.Helper()
	onCard := w.is == allFine || w.is == expiredCard
	switch n := w.random.IntN(8); {
	case w.is == stopped:
		w.daemon.Restart(w.t)
		w.is = absent
	case n == 0: // with a card on the reader or without
		w.daemon.Stop()
		w.is = stopped
	case onCard:
		w.remove()
		w.is = absent
	default:
		w.insert(n)
	}
}

// insert puts a card on the reader, one of eight kinds.
func (w *world) insert(kind int) {
	w.t.Helper()
	profile := virtualcard.Healthy(time.Now())
	profile.RefuseExtended = kind%2 == 0
	w.is = allFine
	if kind > 5 {
		profile.Issuance.NotAfter = time.Now().AddDate(0, 0, -1)
		w.is = expiredCard
	}
	card := virtualcard.New(profile)
	w.cards = append(w.cards, card)
	w.remove = w.daemon.Insert(w.t, 0, card)
}

// client is the browser's side of a connection to a host.
type client struct {
	in    io.WriteCloser
	out   *bufio.Reader
	asked int
	// cmd is nil if the session runs in this process
	cmd *exec.Cmd
	end func()
}

func startClient(t *testing.T) *client {
	t.Helper()
	cmd := exec.Command(harness.HostProgram, manifests.AllowedOrigins()[0])
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &client{in: in, out: bufio.NewReader(out), cmd: cmd, end: func() { in.Close(); _ = cmd.Wait() }}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	_, err = c.receive() // hello
	require.NoError(t, err)
	return c
}

// sessionHere is a session in this process, whose goroutines can be counted.
func sessionHere(t *testing.T) *client {
	t.Helper()
	hostIn, in := io.Pipe()
	out, hostOut := io.Pipe()
	log := logrus.New()
	log.SetOutput(io.Discard)
	machine := checks.ThisMachine(version.BuiltAt())
	machine.Turn = func(ctx context.Context) (func(), bool) {
		return turn.Take(ctx, filepath.Join(filepath.Dir(hostlog.Path()), "reading.lock")) // as the other hosts do
	}
	s := &session.Session{In: hostIn, Out: hostOut, Log: log, Machine: machine, Repair: repair.Do}
	done := make(chan error, 1)
	go func() {
		done <- s.Serve(context.Background())
		hostOut.Close()
	}()
	c := &client{in: in, out: bufio.NewReader(out), end: func() { in.Close(); require.NoError(t, <-done) }}
	_, err := c.receive()
	require.NoError(t, err)
	return c
}

func (c *client) receive() (message struct {
	Type, ID string
	Report   struct{ Verdict struct{ Code string } }
}, err error) {
	var head [4]byte
	if _, err = io.ReadFull(c.out, head[:]); err != nil {
		return message, err
	}
	body := make([]byte, binary.NativeEndian.Uint32(head[:]))
	if _, err = io.ReadFull(c.out, body); err != nil {
		return message, err
	}
	return message, json.Unmarshal(body, &message)
}

func (c *client) diagnose() (code string, err error) {
	c.asked++
	id := strconv.Itoa(c.asked)
	if _, err := c.in.Write(harness.Framed(`{"type":"diagnose","id":"` + id + `","browser":"chromium"}`)); err != nil {
		return "", err
	}
	for {
		message, err := c.receive()
		if err != nil || message.Type == "error" {
			return "", fmt.Errorf("%s: %w", message.Type, err)
		}
		if message.Type == "report" && message.ID == id {
			return message.Report.Verdict.Code, nil
		}
	}
}

// usage is the number of open files and threads of a process, and its memory.
type usage struct{ files, threads, kilobytes int }

func (c *client) usage(t *testing.T) (u usage) {
	t.Helper()
	proc := filepath.Join("/proc", strconv.Itoa(c.cmd.Process.Pid))
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	require.NoError(t, err)
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	require.NoError(t, err)
	number := func(name string) int {
		n, err := strconv.Atoi(regexp.MustCompile(name + `:\s+(\d+)`).FindStringSubmatch(string(status))[1])
		require.NoError(t, err)
		return n
	}
	return usage{len(files), number("Threads"), number("VmRSS")}
}

// goroutines counts our goroutines, without those of the test's pcscd and cards.
func goroutines() (n int) {
	var profile bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 2)
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, "etax-doctor/checks") && !strings.Contains(stack, "pcsctest") && !strings.Contains(stack, "virtualcard") || strings.Contains(stack, "host/session") {
			n++
		}
	}
	return n
}

// soak runs diagnosis after diagnosis while the world changes, and while the hosts and the worker are killed.
type soak struct {
	*world
	old, young, here *client
	browser          *harness.Browser
	slowest          time.Duration
	kills, changes   int
	verifies         int // VERIFY commands with data from the other program
}

// TestSoak: whatever changes, every diagnosis gets an answer, no answer says that all is fine when it was not, and no
// goroutine, open file or process is left. SOAK is the number of diagnoses, SOAK_SEED repeats a run.
func TestSoak(t *testing.T) {
	number := func(name string, usual uint64) uint64 {
		n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
		if err != nil {
			return usual
		}
		return n
	}
	usual := uint64(40)
	if testing.Short() {
		usual = 10
	}
	rounds, seed := int(number("SOAK", usual)), number("SOAK_SEED", uint64(time.Now().UnixNano()))
	t.Logf("SOAK_SEED=%d", seed)
	s := &soak{world: newWorld(t, rand.New(rand.NewPCG(seed, 1)))}
	s.old, s.young, s.here = startClient(t), startClient(t), sessionHere(t)
	s.browser = harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	ours := 0
	require.Eventually(t, func() bool { ours = goroutines(); return ours == 2 }, harness.Timeout, harness.Poll, "a session that waits: %d goroutines", ours)
	before := s.settle()
	s.insert(0)
	s.between() // at least once, however few rounds there are
	for range rounds {
		switch s.random.IntN(11) {
		case 10:
			s.between()
		case 0:
			s.ask("the popup", s.popup(s.random.IntN(6)))
		case 1:
			s.ask("the command line", s.command)
		case 2, 3:
			s.ask("a session in this process", s.here.diagnose)
		case 4, 5, 6:
			s.ask("a host that may be killed", s.mortal(s.random.IntN(5) == 0, time.Duration(s.random.IntN(15))*time.Millisecond))
		default:
			s.ask("the old host", s.old.diagnose)
		}
	}
	require.Eventually(t, func() bool { return goroutines() <= ours }, harness.Timeout, harness.Poll, "goroutines: %d, at first %d", goroutines(), ours)
	after := usage{}
	require.Eventually(t, func() bool { after = s.old.usage(t); return after.files <= before.files }, harness.Timeout, harness.Poll, "%+v, at first %+v", after, before)
	assert.LessOrEqual(t, after.threads, before.threads+8, "threads") // as many as have waited in PC/SC at the same time
	assert.LessOrEqual(t, after.kilobytes, before.kilobytes+8<<10, "memory")
	s.here.end()
	require.Eventually(t, func() bool { return goroutines() == 0 }, harness.Timeout, harness.Poll, "goroutines are left")
	s.old.end()
	s.young.end()
	require.Eventually(t, func() bool { return len(hostPIDs()) == 0 }, harness.Timeout, harness.Poll, "hosts are left: %v", hostPIDs())
	assert.Equal(t, s.verifies, countVerifyWithData(s.cards), "VERIFY commands with data that are not the other program's")
	fmt.Printf("%d diagnoses, %d changes of the world, %d hosts and workers killed; the slowest answer took %.1f s.\n"+
		"The host that lived through all of it: %+v at first, %+v at the end; goroutines: %d, %d\n",
		rounds, s.changes, s.kills, s.slowest.Seconds(), before, after, ours, goroutines())
}

// settle lets the old host see each state once, and returns what the host holds from then on.
func (s *soak) settle() usage {
	s.t.Helper()
	for _, next := range []func(){func() {}, func() { s.insert(0) }, s.change, s.daemon.Stop, func() { s.daemon.Restart(s.t) }} {
		next()
		_, err := s.old.diagnose()
		require.NoError(s.t, err)
	}
	s.is = absent
	return s.old.usage(s.t)
}

// ask requests one diagnosis. The world may change before it, during it, or not at all.
func (s *soak) ask(who string, diagnose func() (string, error)) {
	s.t.Helper()
	possible := []state{s.is}
	if s.random.IntN(4) == 0 {
		s.change()
		s.changes++
		possible = []state{s.is}
	}
	type answer struct {
		code string
		err  error
	}
	answered := make(chan answer, 1)
	start := time.Now()
	go func() {
		code, err := diagnose()
		answered <- answer{code, err}
	}()
	if s.random.IntN(6) == 0 {
		// The change may come at any moment of the read, so there is no condition to wait for.
		time.Sleep(time.Duration(s.random.IntN(40)) * time.Millisecond)
		s.change()
		s.changes++
		possible = append(possible, s.is)
	}
	var got answer
	select {
	case got = <-answered:
	case <-time.After(harness.Timeout):
		require.Fail(s.t, "no answer", "%s, %v", who, possible)
	}
	s.slowest = max(s.slowest, time.Since(start))
	require.NoError(s.t, got.err, who)
	if got.code == killed {
		return
	}
	if got.code == string(allFine) || len(possible) == 1 {
		require.Contains(s.t, possible, state(got.code), who)
		return
	}
	allowed := transitional
	// A service that ends between two calls leaves the readers unknown.
	if slices.Contains(possible, allFine) || slices.Contains(possible, stopped) {
		allowed = append(slices.Clone(allowed), "verdict.not-all-checked")
	}
	if !slices.Contains(possible, state(got.code)) {
		require.Contains(s.t, allowed, got.code, "%s, %v", who, possible)
	}
}

// killed stands for the answer of a process that was killed.
const killed = "killed"

// endSignals are the signals that end a process: SIGKILL, which it cannot catch, and those that ask it to end.
var endSignals = []os.Signal{os.Kill, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// between lets another program use the card without a transaction, while a check gets a signal to end at a random moment.
// This must cost neither a PIN try nor a reset.
func (s *soak) between() {
	if s.is != allFine && s.is != expiredCard {
		return
	}
	card := s.cards[len(s.cards)-1]
	resets := card.Resets()
	pin := []pcsctest.PIN{pcsctest.LoginPIN, pcsctest.SigningPIN}[s.random.IntN(2)]
	now, end := pcsctest.AboutToVerify(s.t, s.daemon.SlotName(s.t, 0), pin)
	how := endSignals[1+s.random.IntN(3)]
	check := exec.Command(harness.HostProgram, "check", "--json")
	require.NoError(s.t, check.Start())
	time.AfterFunc(time.Duration(s.random.IntN(25))*time.Millisecond, func() { _ = check.Process.Signal(how) })
	now()
	_ = check.Wait()
	words := end()
	s.kills++
	s.verifies += 5
	assert.NotRegexp(s.t, "^63", words[0])
	for _, sw := range words[1:] {
		assert.Equal(s.t, "9000", sw, "%v", words)
	}
	login, signing := card.Tries()
	assert.Equal(s.t, []int{3, 5}, []int{login, signing})
	assert.Equal(s.t, resets, card.Resets())
}

// mortal is a diagnosis by a host that may be killed during its work, a given time after the request.
func (s *soak) mortal(kill bool, after time.Duration) func() (string, error) {
	if !kill {
		return s.young.diagnose
	}
	how := endSignals[s.random.IntN(len(endSignals))]
	return func() (string, error) {
		young := s.young
		time.AfterFunc(after, func() { _ = young.cmd.Process.Signal(how) })
		code, err := young.diagnose()
		young.in.Close() // needed if the signal came after the answer
		_ = young.cmd.Wait()
		s.kills++
		s.young = startClient(s.t)
		if err != nil {
			return killed, nil
		}
		return code, nil
	}
}

func (s *soak) command() (string, error) {
	out, err := exec.Command(harness.HostProgram, "check", "--json", "--browser", "chromium").Output()
	var r reported
	if parsed := json.Unmarshal(out, &r); parsed != nil {
		return "", fmt.Errorf("%w: %w: %s", err, parsed, out)
	}
	return r.Verdict.Code, nil
}

// What popup may kill.
const (
	killWorker = iota
	killHost
)

// popup presses the icon; its worker or its host may be killed.
func (s *soak) popup(kill int) func() (string, error) {
	return func() (string, error) {
		b := s.browser
		if !b.HasWorker() { // it was stopped, and starts again with the page
			require.NoError(s.t, chromedp.Do(b.Ctx, chromedp.Navigate(harness.LoginPage)))
		}
		b.InWorker(`chrome.action.openPopup()`)
		before := s.kills
		p := &harness.Popup{T: s.t, Ctx: b.Attach("page", "chrome-extension://"+harness.ExtensionID+"/ui/popup.html")}
		switch kill {
		case killWorker:
			b.StopWorker()
			s.kills++
		case killHost:
			for _, pid := range hostPIDs() {
				process, err := os.FindProcess(pid)
				if pid != s.old.cmd.Process.Pid && pid != s.young.cmd.Process.Pid && err == nil && process.Kill() == nil {
					s.kills++
				}
			}
		}
		p.WaitForVerdict()
		code := p.Code()
		_, _ = chromedp.Run(p.Ctx, chromedp.Evaluate[chromedp.Void](`window.close()`))
		b.WaitUntilClosed("/ui/popup.html")
		// After a kill, the popup may say so, or that not everything was checked. Any other verdict has to be right.
		if s.kills > before && slices.Contains([]string{"host.exited", "verdict.not-all-checked"}, code) {
			return killed, nil
		}
		return code, nil
	}
}
