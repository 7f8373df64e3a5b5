package main

// row is a line of the table: one of our measurements against its floor, the least that any program could take, measured in
// the same run.
type row struct {
	what  string
	unit  string   // as benchmarks report it: ns/op or a metric of their own
	ours  string   // the benchmark's name
	floor string   // what the floor is
	parts []string // the benchmarks whose sum it is
	// goal is how many times its floor ours may take; 0 for none. why says where the rest goes, and has to be there if the goal is missed.
	goal float64
	why  string
	// short is the row's name in the readme; "" for the others.
	short string
}

// comparison is a line of the second table: ours beside other programs that do the same.
type comparison struct {
	what, unit, ours string
	peers            []peer
}

type peer struct {
	what, name string
	// ahead is the reason why the peer is ahead, if it is. It is an error if a peer is ahead without a reason.
	ahead string
}

const (
	linked    = "Start/empty-go-program-with-libpcsclite"
	isLinked  = "an empty Go program linked with libpcsclite, which `ebfe/scard` needs"
	isBare    = "a program that sends the same commands and does nothing else"
	isMessage = "a script that reads the page's text once and sends one message"
)

// rows are the lines of the first table, in its order.
func rows() []row {
	all := []row{
		{what: "press on the icon → verdict painted, in Chromium", unit: "ns/op", ours: "Press/0s-per-APDU", floor: "the smallest extension whose popup asks an echo host and paints one line, and the bare card commands",
			parts: []string{"Press/smallest", "CardRead/0s-per-APDU/bare-extended"}, goal: 1.1, why: reasonPress, short: "press on the icon → verdict painted"},
		{what: "the same, 20 ms for each command to the card", unit: "ns/op", ours: "Press/20ms-per-APDU", floor: "the same, at 20 ms for each command",
			parts: []string{"Press/smallest", "CardRead/20ms-per-APDU/bare-extended"}, goal: 1.1, why: reasonPress, short: "the same with a card that takes 20 ms for each command"},
		{what: "host, from its start to the last byte of hello", unit: "ns/op", ours: "Start/host-to-hello", floor: isLinked, parts: []string{linked}, goal: 1.2,
			why: "by the runtime's trace of initialisation: a program of 9 MB in place of 1.5 MB, and packages that initialise themselves (net/netip, x509, cobra, unicode)", short: "host: start → hello"},
		{what: "host, a message and its answer", unit: "ns/op", ours: "RoundTrip/host", floor: "the smallest host in Go, an echo", parts: []string{"RoundTrip/smallest-host"},
			goal: 2.5, why: "an echo parses no message, looks for no job and writes no JSON"},
		{what: "`check` without a card, as a process", unit: "ns/op", ours: "Machine/process-without-card", floor: isLinked, parts: []string{linked}, goal: 2, why: reasonCheck, short: "`check` without a card"},
	}
	for _, delay := range []struct{ name, words string }{{"0s", "as fast as the virtual card is"}, {"5ms", "5 ms for each command"}, {"20ms", "20 ms for each command, as a contactless card takes"}} {
		at := "CardRead/" + delay.name + "-per-APDU/"
		goal := map[string]float64{"0s": 3, "5ms": 1.25, "20ms": 1.1}[delay.name]
		all = append(all,
			row{what: "`check` as a process, extended length; " + delay.words, unit: "ns/op", ours: at + "ours-extended", floor: isBare, parts: []string{at + "bare-extended"}, goal: goal, why: reasonCheck,
				short: map[string]string{"20ms": "`check` with a card that takes 20 ms for each command"}[delay.name]},
			row{what: "the same, extended length refused by the card", unit: "ns/op", ours: at + "ours-short", floor: isBare, parts: []string{at + "bare-short"}, goal: goal, why: reasonCheck})
	}
	return append(all,
		row{what: "`check` with 16 slots, the card in the last but one", unit: "ns/op", ours: "ManyReaders/16-slots", floor: "with 2 slots", parts: []string{"ManyReaders/2-slots"}},
		row{what: "a check without a process, 64 slots, the card in the last", unit: "ns/op", ours: "ManySlots/64-slots", floor: "with 16 slots", parts: []string{"ManySlots/16-slots"}},
		row{what: "1,000 saved reports judged again, on one processor", unit: "ns/op", ours: "Replay/ours", floor: "a program that reads and decodes the same files", parts: []string{"Replay/decoded"}, short: "1,000 saved reports judged again, on one processor"},
		row{what: "all probes of the operating system together", unit: "ns/op", ours: "Machine/all-probes", floor: "the slowest alone (reader)", parts: []string{"Machine/probes-of-reader"}},
		row{what: "most memory of a `check`", unit: "peak-MB", ours: "Memory/check", floor: isLinked, parts: []string{"Memory/empty-go-program-with-libpcsclite"}},
		row{what: "`watch`, processor time in a minute without a card", unit: "CPU-ms/minute", ours: "WatchIdle/no-card", floor: "a program that waits for PC/SC and does nothing else", parts: []string{"WatchIdle/waits"}},
		row{what: "`watch`, processor time in a minute with a card", unit: "CPU-ms/minute", ours: "WatchIdle/card", floor: "a program that waits for PC/SC and does nothing else; PC/SC does not tell when another program uses a card, so ours looks", parts: []string{"WatchIdle/waits"}},
		row{what: "content script at the load of a small page, processor time of the main thread", unit: "main-thread-ms", ours: "ContentScript/load-login/ours", floor: isMessage, parts: []string{"ContentScript/load-login/one-message"}, goal: 2, why: reasonScript, short: "content script at the load of a small page"},
		row{what: "content script at the load of a page with 5,000 elements", unit: "main-thread-ms", ours: "ContentScript/load-large/ours", floor: isMessage, parts: []string{"ContentScript/load-large/one-message"}, goal: 2, why: reasonScript},
		row{what: "content script at the load of a form of 作成コーナー with 5,000 fields", unit: "main-thread-ms", ours: "ContentScript/load-form/ours", floor: isMessage, parts: []string{"ContentScript/load-form/one-message"}, goal: 2, why: reasonScript},
		row{what: "content script while 1,000 elements change each second, share of the main thread", unit: "main-thread-%", ours: "ContentScript/changing/ours", floor: "an observer that looks at nothing", parts: []string{"ContentScript/changing/one-message"}},
	)
}

// Where the time above the floor goes.
const (
	reasonPress  = "by marks in popup and worker (a run of November 2026), of the time from its navigation to the verdict: 30 % until its first script asks the worker, 35 % the browser's side in the worker, 15 % the host after that (it starts at the same time), 17 % messages that wait for the popup, which loads its other modules, the catalogue and the texts meanwhile, 3 % drawing; two frames follow. Two processors are busy all the time"
	reasonCheck  = "by a profile (of November 2026), of the processor time of a `check` without a card: a third the empty program itself, 11 % the catalogue of codes (JSON), 11 % the report (JSON), 14 % the probes of the machine, 8 % packages that initialise themselves, the rest the Go runtime"
	reasonScript = "it looks for 14 texts and for the login button, listens for five events, and watches changes; a page that holds one of the texts has its element looked for"
)

// comparisons are the lines of the second table.
func comparisons() (all []comparison) {
	atOnce := "where a card answers at once, commands cost nothing, and ours looks at the whole machine besides the card"
	for _, delay := range []struct{ name, words string }{{"0s", "as fast as the virtual card is"}, {"5ms", "5 ms for each command"}, {"20ms", "20 ms for each command"}} {
		at := "CardRead/" + delay.name + "-per-APDU/"
		peers := []peer{
			{"pkcs15-tool, certificate and PINs, JPKI driver only", at + "pkcs15-tool-certificate-and-pins-jpki-only", map[bool]string{true: atOnce}[delay.name == "0s"]},
			{what: "pkcs15-tool, certificate and PINs", name: at + "pkcs15-tool-certificate-and-pins"},
			{what: "pkcs15-tool -D", name: at + "pkcs15-tool-D"},
			{what: "pkcs11-tool -O", name: at + "pkcs11-tool-O"},
		}
		all = append(all,
			comparison{"`check` as a process, extended length; " + delay.words, "ns/op", at + "ours-extended", peers},
			comparison{"the same, extended length refused by the card", "ns/op", at + "ours-short", peers})
	}
	return append(all,
		comparison{"commands to the card, extended length", "APDUs/op", "CardRead/0s-per-APDU/ours-extended", []peer{
			{what: "pkcs15-tool, certificate and PINs, JPKI driver only", name: "CardRead/0s-per-APDU/pkcs15-tool-certificate-and-pins-jpki-only"},
			{what: "pkcs15-tool, certificate and PINs", name: "CardRead/0s-per-APDU/pkcs15-tool-certificate-and-pins"},
		}},
		comparison{"most memory of a `check`", "peak-MB", "Memory/check", []peer{{"pkcs15-tool, certificate and PINs", "Memory/pkcs15-tool-certificate-and-pins", "a program in C has no garbage collector and no runtime of its own, and brings no texts in two languages"}}},
	)
}
