//go:build linux && cgo

package checks_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/pcsc"
	"etax-doctor/checks/pcsc/pcsctest"
	"etax-doctor/checks/virtualcard"
)

// bench is what a row of the matrix sets up: a real pcscd, and the cards in its readers.
type bench struct {
	t       *testing.T
	cards   []*virtualcard.Card
	machine checks.Machine
}

func (b *bench) start(readers ...string) *pcsctest.Daemon { return pcsctest.Start(b.t, readers...) }

func (b *bench) card(change func(*virtualcard.Profile)) *virtualcard.Card {
	profile := virtualcard.Healthy(time.Now())
	if change != nil {
		change(&profile)
	}
	c := virtualcard.New(profile)
	b.cards = append(b.cards, c)
	return c
}

// with is a row's set-up that puts one changed card on one reader.
func with(change func(*virtualcard.Profile)) func(*bench) {
	return func(b *bench) { b.start(readerName).Insert(b.t, 0, b.card(change)) }
}

var (
	felicaATR  = []byte{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06, 0x11, 0x00, 0x3B, 0x00, 0x00, 0x00, 0x00, 0x42}
	licenceATR = []byte{0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x91, 0x81, 0xC1, 0x00, 0xD8}
	// contactlessATR is one of those that readers make up for a My Number card (pcsc-tools smartcard_list).
	contactlessATR = []byte{0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x41, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x3B}
)

type row struct {
	fault string
	// set makes the state; a change of the machine stands for what cannot be made here.
	set func(*bench)
	// want is the verdict, or a finding that must be there when the verdict is that all is fine.
	want finding.Code
	args finding.Args
}

func answers(sw uint16) func(*virtualcard.Profile) {
	return func(p *virtualcard.Profile) { p.SelectSW = sw }
}

func rows() []row {
	now := time.Now()
	type profile = virtualcard.Profile
	list := []row{
		{"healthy", with(nil), finding.AllFine, nil},
		{"healthy, contactless ATR", with(func(p *profile) { p.ATR = contactlessATR }), finding.AllFine, nil},
		{"healthy, short identifiers refused", with(func(p *profile) { p.RefuseSFI = true }), finding.AllFine, nil},
		{"healthy, extended length refused", with(func(p *profile) { p.RefuseExtended = true }), finding.AllFine, nil},
		{"healthy, a reader that breaks over extended length", func(b *bench) {
			d := b.start(readerName)
			d.Insert(b.t, 0, b.card(nil))
			d.Fail(b.t, 0, pcsctest.Extended)
		}, finding.AllFine, nil},
		{"healthy, filler after the certificate", with(func(p *profile) { p.Filler = 300 }), finding.AllFine, nil},
		{"healthy, 6F00 once after power-up", with(func(p *profile) { p.FirstSW = 0x6F00 }), finding.AllFine, nil},
		{"healthy, replies with 61xx", with(func(p *profile) { p.GetResponse = true }), finding.AllFine, nil},
		{"healthy, wrong lengths answered 6Cxx", with(func(p *profile) { p.ExactLength, p.RefuseExtended = true, true }), finding.AllFine, nil},
		{"healthy, 2015 CA", with(func(p *profile) { p.Issuance.CAKeyID = virtualcard.CA2015 }), "certificate.valid", finding.Args{"caGeneration": "2015"}},
		{"healthy, 2019 CA", with(nil), "certificate.valid", finding.Args{"caGeneration": "2019"}},
		{"healthy, 2023 CA", with(func(p *profile) { p.Issuance.CAKeyID = virtualcard.CA2023 }), "certificate.valid", finding.Args{"caGeneration": "2023"}},
		{"healthy, card in the last of three readers", func(b *bench) {
			b.start("Windows Hello for Business 1", "Empty Reader", "ACS ACR1251 CL Reader").Insert(b.t, 2, b.card(nil))
		}, finding.AllFine, nil},
		{"healthy, a transit card in another reader", func(b *bench) {
			d := b.start("First Reader", "Second Reader")
			d.Insert(b.t, 0, b.card(func(p *profile) { p.ATR, p.SelectSW = felicaATR, 0x6A81 }))
			d.Insert(b.t, 1, b.card(nil))
		}, finding.AllFine, nil},
		{"PIN verified by another program", with(func(p *profile) { p.LoginVerified = true }), "pin.ready", finding.Args{"login": "verified"}},
		{"no signing certificate", with(func(p *profile) { p.NoSigning = true }), "certificate.signing-missing", nil},

		{"pcscd stopped", func(b *bench) { b.start(readerName).Stop() }, "service.smart-card-stopped", nil},
		{"pcscd killed in the middle of a read", func(b *bench) {
			d := b.start(readerName)
			c := b.card(func(p *profile) { p.Delay = 100 * time.Millisecond })
			d.Insert(b.t, 0, c)
			stopped := make(chan struct{})
			b.t.Cleanup(func() { <-stopped })
			go func() {
				defer close(stopped)
				for len(c.Record()) < 2 && b.t.Context().Err() == nil {
					time.Sleep(time.Millisecond) // the card has no way to say that it was read
				}
				d.Stop()
			}()
		}, "card.removed", nil},
		{"a card with an unusable ATR", with(func(p *profile) { p.ATR = []byte{0xFF} }), "card.unreadable", nil},
		{"no reader", func(b *bench) { b.start() }, "reader.none", nil},
		{"virtual readers only", func(b *bench) {
			b.start("Windows Hello for Business 1").Insert(b.t, 0, b.card(answers(0x6A82)))
		}, "reader.only-virtual", nil},
		{"a PaSoRi without a driver", func(b *bench) {
			b.start()
			b.machine.Devices = func() []facts.Device { return []facts.Device{{USB: "054c:06c1", Name: "Sony PaSoRi RC-S380"}} }
		}, "reader.driver-missing", finding.Args{"device": "054c:06c1"}},
		{"remote desktop", func(b *bench) {
			b.start(readerName).Insert(b.t, 0, b.card(nil))
			b.machine.System = func(context.Context) *facts.System {
				return &facts.System{OS: "windows", Clock: time.Now(), RemoteSession: true}
			}
		}, "reader.remote-session", nil},
		{"no bridge app", func(b *bench) {
			b.start(readerName).Insert(b.t, 0, b.card(nil))
			b.machine.App = func(context.Context) *facts.App { return &facts.App{OS: "windows", Browsers: []string{"chrome"}} }
		}, "app.mynaportal-missing", nil},
		{"wrong clock", func(b *bench) {
			b.start(readerName).Insert(b.t, 0, b.card(nil))
			b.machine.System = func(context.Context) *facts.System {
				return &facts.System{OS: "linux", Clock: time.Unix(0, 0), BuiltAt: time.Now()}
			}
		}, "system.clock-wrong", nil},
		{"reader unplugged", func(b *bench) {
			d := b.start(readerName)
			d.Insert(b.t, 0, b.card(nil))
			d.Fail(b.t, 0, pcsctest.Gone)
			d.WaitForState(b.t, 0, pcsc.StateUnavailable)
		}, "reader.unavailable", nil},
		{"no card", func(b *bench) { b.start(readerName) }, "card.absent", nil},
		{"mute card", func(b *bench) {
			d := b.start(readerName)
			d.Fail(b.t, 0, pcsctest.Mute)
			d.Insert(b.t, 0, b.card(nil))
			d.WaitForState(b.t, 0, pcsc.StateMute)
		}, "card.mute", nil},
		{"no command gets through", func(b *bench) {
			d := b.start(readerName)
			d.Insert(b.t, 0, b.card(nil))
			d.Fail(b.t, 0, pcsctest.Comm)
		}, "card.unreadable", nil},
		{"held exclusively", func(b *bench) {
			d := b.start(readerName)
			d.Insert(b.t, 0, b.card(nil))
			pcsctest.HoldExclusively(b.t, d.SlotName(b.t, 0))
		}, "card.in-use", finding.Args{"how": "exclusive"}},
		{"a foreign transaction", func(b *bench) {
			d := b.start(readerName)
			d.Insert(b.t, 0, b.card(nil))
			pcsctest.HoldTransaction(b.t, d.SlotName(b.t, 0))
		}, "card.in-use", finding.Args{"how": "transaction"}},
		{"garbage for a certificate", with(func(p *profile) { p.Certificate = []byte("garbage") }), "card.unreadable", nil},
		{"half a certificate", with(func(p *profile) {
			p.Certificate = virtualcard.New(virtualcard.Healthy(now)).File(0x000A)[:800]
		}), "card.unreadable", nil},
		{"transit card (FeliCa ATR)", with(func(p *profile) { p.ATR, p.SelectSW = felicaATR, 0x6A81 }), "card.not-my-number", finding.Args{"kind": "transit-or-felica"}},
		{"driving licence", with(func(p *profile) { p.ATR, p.SelectSW = licenceATR, 0x6A82 }), "card.not-my-number", finding.Args{"kind": "driving-licence"}},
		{"resident register card", with(func(p *profile) { p.Label = virtualcard.LabelResidentRegister }), "card.not-my-number", finding.Args{"kind": "resident-register"}},
		{"employee card (6A82)", with(answers(0x6A82)), "card.not-my-number", finding.Args{"kind": "unknown"}},
		{"a card answering 6D00", with(answers(0x6D00)), "card.not-my-number", nil},
		{"a card answering 6E00", with(answers(0x6E00)), "card.not-my-number", nil},
		{"a card answering 6999", with(answers(0x6999)), "card.not-my-number", nil},
		{"a card answering 6581", with(answers(0x6581)), "card.unreadable", nil},
		{"Android phone", with(func(p *profile) { p.Label = virtualcard.LabelAndroid }), "card.phone", finding.Args{"token": "android"}},
		{"iPhone", with(func(p *profile) { p.Label = virtualcard.LabelIPhone }), "card.phone", finding.Args{"token": "iphone"}},
		{"unknown token", with(func(p *profile) { p.Label = "JPKIAPICCTOKEN3" }), "card.new-generation", nil},
		{"P-384 key", with(func(p *profile) { p.Issuance.P384 = true }), "card.new-generation", nil},

		{"test card", with(func(p *profile) { p.Issuance.Organization, p.Issuance.CAKeyID = "JPKI-TEST", virtualcard.CANone }), "certificate.test", nil},
		{"expired", with(func(p *profile) { p.Issuance.NotAfter = now.Add(-time.Minute) }), "certificate.expired", nil},
		{"expires within 3 months", with(func(p *profile) { p.Issuance.NotAfter = now.AddDate(0, 2, 0) }), "certificate.expires-soon", nil},
		{"renewed today", with(func(p *profile) { p.Issuance.NotBefore = time.Now() }), "certificate.renewed-today", nil},
		{"not yet valid", with(func(p *profile) { p.Issuance.NotBefore = now.AddDate(0, 0, 2) }), "certificate.not-yet-valid", nil},
		{"no login certificate", with(func(p *profile) { p.NoLogin = true }), "certificate.missing", nil},
		{"unknown issuer", with(func(p *profile) { p.Issuance.CAKeyID = virtualcard.CANone }), "certificate.unknown-issuer", nil},

		{"login PIN: one try left", with(func(p *profile) { p.LoginTries = 1 }), "pin.login-last-try", nil},
		{"signing password: one try left", with(func(p *profile) { p.SigningTries = 1 }), "pin.signing-last-try", nil},
		{"expired and locked", with(func(p *profile) { p.LoginTries, p.Issuance.NotAfter = 0, now.Add(-time.Minute) }), "certificate.expired", nil},
	}
	for _, sw := range []uint16{0x63C0, 0x6983, 0x6984} {
		list = append(list, row{fmt.Sprintf("login PIN locked (%04X)", sw),
			with(func(p *profile) { p.LoginTries, p.LockedSW = 0, sw }), "pin.login-locked", nil},
			row{fmt.Sprintf("signing password locked (%04X)", sw),
				with(func(p *profile) { p.SigningTries, p.LockedSW = 0, sw }), "pin.signing-locked", nil})
	}
	for at := 1; at < 6; at++ {
		list = append(list, row{fmt.Sprintf("taken off after %d commands", at), with(func(p *profile) { p.TakenOffAt = at }), "card.removed", nil})
	}
	for at := 5; at < 13; at++ {
		list = append(list, row{fmt.Sprintf("taken off after %d commands, short reads", at),
			with(func(p *profile) { p.TakenOffAt, p.RefuseExtended = at, true }), "card.removed", nil})
	}
	return list
}

// TestMatrix sets every fault up for real, over pcscd, and compares the code that is given with the expected one.
// make matrix prints its table.
func TestMatrix(t *testing.T) {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\texpected\tgiven\t")
	verifies, wrong := 0, 0
	for _, r := range rows() {
		t.Run(r.fault, func(t *testing.T) {
			b := &bench{t: t, machine: thisMachine()}
			r.set(b)
			given := judge(checkMachine(t, b.machine), r)
			mark := ""
			if !assert.Equal(t, r.want, given) {
				mark, wrong = "WRONG", wrong+1
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.fault, r.want, given, mark)
			for _, c := range b.cards {
				for _, cmd := range c.Record() {
					if len(cmd) > 1 && cmd[1] == 0x20 && len(cmd) != 4 {
						verifies++
					}
				}
			}
		})
	}
	w.Flush()
	if os.Getenv("MATRIX") != "" {
		fmt.Printf("%s\n%d faults, %d wrong; VERIFY commands with data seen by all cards: %d\n", table.String(), len(rows()), wrong, verifies)
	}
	assert.Zero(t, verifies)
}

// judge is the verdict's code, or that of a finding which the row wants and which no worse one hides.
func judge(r *checks.Report, want row) finding.Code {
	given := r.Verdict
	if given.Code == finding.AllFine || given.Code == finding.NotAllChecked {
		for _, f := range r.Findings {
			if f.Code == want.want {
				given = f
			}
		}
	}
	for k, v := range want.args {
		if given.Args[k] != v {
			return given.Code + finding.Code(fmt.Sprintf(" (%s=%s)", k, given.Args[k]))
		}
	}
	return given.Code
}
