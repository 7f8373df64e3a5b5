package main

// row is a line of the table: one of our measurements, and the measurements of peers in the same run.
type row struct {
	what  string
	unit  string // as benchmarks report it: ns/op or a metric of their own
	ours  string // the benchmark's name
	peers []peer
}

type peer struct {
	what, name string
	// ahead is the reason why the peer is ahead, if it is. It is an error if a peer is ahead without a reason.
	ahead string
}

const (
	farFrom = "an empty program does nothing; this is how far from nothing ours is"
	cgo     = "`ebfe/scard` needs cgo and libpcsclite on Linux, which are slower to load"
	linked  = "what ours does after its parts are loaded: the probes, or reading its texts and opening its log"
	smaller = "it looks for 14 texts and for the login button, listens for five events, and watches changes"
)

// rows are the lines of the table, in its order.
func rows() []row {
	var all []row
	atOnce := "where a card answers at once, commands cost nothing, and ours looks at the whole machine besides the card"
	for _, delay := range []struct{ name, words string }{{"0s", "as fast as the virtual card is"}, {"5ms", "5 ms for each command"}, {"20ms", "20 ms for each command, as a contactless card takes"}} {
		at := "CardRead/" + delay.name + "-per-APDU/"
		peers := []peer{
			{"pkcs15-tool, certificate and PINs, JPKI driver only", at + "pkcs15-tool-certificate-and-pins-jpki-only", map[bool]string{true: atOnce}[delay.name == "0s"]},
			{what: "pkcs15-tool, certificate and PINs", name: at + "pkcs15-tool-certificate-and-pins"},
			{what: "pkcs15-tool -D", name: at + "pkcs15-tool-D"},
			{what: "pkcs11-tool -O", name: at + "pkcs11-tool-O"},
		}
		all = append(all,
			row{what: "`check` as a process, extended length; " + delay.words, unit: "ns/op", ours: at + "ours-extended", peers: peers},
			row{what: "the same, extended length refused by the card", unit: "ns/op", ours: at + "ours-short", peers: peers})
	}
	return append(all,
		row{what: "commands to the card, extended length", unit: "APDUs/op", ours: "CardRead/0s-per-APDU/ours-extended", peers: []peer{
			{what: "pkcs15-tool, certificate and PINs, JPKI driver only", name: "CardRead/0s-per-APDU/pkcs15-tool-certificate-and-pins-jpki-only"},
			{what: "pkcs15-tool, certificate and PINs", name: "CardRead/0s-per-APDU/pkcs15-tool-certificate-and-pins"},
		}},
		row{what: "`check` with 16 slots, the card in the last but one", unit: "ns/op", ours: "ManyReaders/16-slots", peers: []peer{{"with 2 slots", "ManyReaders/2-slots", "an eighth of the readers"}}},
		row{what: "`check` without a card, as a process", unit: "ns/op", ours: "Machine/process-without-card", peers: []peer{{"an empty Go program", "Start/empty-go-program", farFrom}, {"the same, linked with libpcsclite", "Start/empty-go-program-with-libpcsclite", linked}}},
		row{what: "host, from its start to the last byte of hello", unit: "ns/op", ours: "Start/host-to-hello", peers: []peer{
			{"the smallest host in Go", "Start/smallest-host-to-hello", cgo}, {"an empty Go program, to its end", "Start/empty-go-program", cgo},
			{"the same, linked with libpcsclite", "Start/empty-go-program-with-libpcsclite", linked}}},
		row{what: "host, a message and its answer", unit: "ns/op", ours: "RoundTrip/host", peers: []peer{{"the smallest host in Go, an echo", "RoundTrip/smallest-host", "an echo parses no message, looks for no job and writes no JSON"}}},
		row{what: "all probes of the operating system together", unit: "ns/op", ours: "Machine/all-probes", peers: []peer{{"the slowest alone (reader)", "Machine/probes-of-reader", "all of them cannot be faster than the slowest"}}},
		row{what: "most memory of a `check`", unit: "peak-MB", ours: "Memory/check", peers: []peer{{"pkcs15-tool, certificate and PINs", "Memory/pkcs15-tool-certificate-and-pins", "a program in C has no garbage collector and no runtime of its own, and brings no texts in two languages"}, {"an empty Go program", "Memory/empty-go-program", farFrom}}},
		row{what: "`watch`, processor time in a minute without a card", unit: "CPU-ms/minute", ours: "WatchIdle/no-card"},
		row{what: "`watch`, processor time in a minute with a card", unit: "CPU-ms/minute", ours: "WatchIdle/card"},
		row{what: "press on the icon → verdict painted, in Chromium", unit: "ns/op", ours: "Press/0s-per-APDU"},
		row{what: "the same, 20 ms for each command to the card", unit: "ns/op", ours: "Press/20ms-per-APDU"},
		row{what: "content script at the load of a small page, processor time of the main thread", unit: "main-thread-ms", ours: "ContentScript/load-login/ours", peers: []peer{{"a script that reads the page's text once and sends one message", "ContentScript/load-login/one-message", smaller}}},
		row{what: "content script at the load of a page with 5,000 elements", unit: "main-thread-ms", ours: "ContentScript/load-large/ours", peers: []peer{{"a script that reads the page's text once and sends one message", "ContentScript/load-large/one-message", smaller + "; and this page holds one of the texts, whose element is looked for"}}},
		row{what: "content script at the load of a form of 作成コーナー with 5,000 fields", unit: "main-thread-ms", ours: "ContentScript/load-form/ours", peers: []peer{{"a script that reads the page's text once and sends one message", "ContentScript/load-form/one-message", smaller + "; and this page holds some of the texts, whose elements are looked for"}}},
		row{what: "content script while 1,000 elements change each second, share of the main thread", unit: "main-thread-%", ours: "ContentScript/changing"},
	)
}
