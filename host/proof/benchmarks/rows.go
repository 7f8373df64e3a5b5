package main

// row is a line of the table: one thing measured of ours, and what it is measured against in the same run.
type row struct {
	what  string
	unit  string // as benchmarks report it: sec/op, or a metric of their own
	ours  string // the benchmark's name
	peers []peer
	// behind says why, where a peer is ahead. A row that is behind without a reason is an error.
	behind string
}

type peer struct{ what, name string }

const (
	cgoAlone = "ebfe/scard needs cgo and libpcsclite on Linux: an empty program linked with it takes most of this (see its row)"
	farFrom  = "an empty program does nothing: this is how far from nothing the whole check is"
)

// rows are the lines of the table, in its order.
func rows() []row {
	var all []row
	for _, delay := range []struct{ name, words string }{{"0s", "as fast as the virtual card is"}, {"5ms", "5 ms for each command"}, {"20ms", "20 ms for each command, as a contactless card takes"}} {
		at := "CardRead/" + delay.name + "-per-APDU/"
		peers := []peer{
			{"pkcs15-tool, certificate and PINs, JPKI driver only", at + "pkcs15-tool-certificate-and-pins-jpki-only"},
			{"pkcs15-tool, certificate and PINs", at + "pkcs15-tool-certificate-and-pins"},
			{"pkcs15-tool -D", at + "pkcs15-tool-D"},
			{"pkcs11-tool -O", at + "pkcs11-tool-O"},
		}
		all = append(all,
			row{what: "`check` as a process, extended length; " + delay.words, unit: "ns/op", ours: at + "ours-extended", peers: peers},
			row{what: "the same, extended length refused by the card", unit: "ns/op", ours: at + "ours-short", peers: peers})
	}
	return append(all,
		row{what: "commands to the card, extended length", unit: "APDUs/op", ours: "CardRead/0s-per-APDU/ours-extended", peers: []peer{
			{"pkcs15-tool, certificate and PINs, JPKI driver only", "CardRead/0s-per-APDU/pkcs15-tool-certificate-and-pins-jpki-only"},
			{"pkcs15-tool, certificate and PINs", "CardRead/0s-per-APDU/pkcs15-tool-certificate-and-pins"},
		}},
		row{what: "`check` with 16 slots, the card in the last but one", unit: "ns/op", ours: "ManyReaders/16-slots", peers: []peer{{"with 2 slots", "ManyReaders/2-slots"}},
			behind: "eight times the readers are asked for"},
		row{what: "`check` without a card, as a process", unit: "ns/op", ours: "Machine/process-without-card", peers: []peer{{"an empty Go program", "Start/empty-go-program"}, {"the same, linked with libpcsclite", "Start/empty-go-program-with-libpcsclite"}},
			behind: farFrom},
		row{what: "host, from its start to the last byte of hello", unit: "ns/op", ours: "Start/host-to-hello", peers: []peer{
			{"the smallest host in Go", "Start/smallest-host-to-hello"}, {"an empty Go program, to its end", "Start/empty-go-program"},
			{"the same, linked with libpcsclite", "Start/empty-go-program-with-libpcsclite"}},
			behind: cgoAlone},
		row{what: "host, a message and its answer", unit: "ns/op", ours: "RoundTrip/host", peers: []peer{{"the smallest host in Go, an echo", "RoundTrip/smallest-host"}},
			behind: "the message is parsed, the job looked for, the answer written as JSON; an echo does none of it"},
		row{what: "all probes of the operating system together", unit: "ns/op", ours: "Machine/all-probes", peers: []peer{{"the slowest alone (reader)", "Machine/probes-of-reader"}},
			behind: "they run side by side on two processors, and none can be faster than the slowest"},
		row{what: "most memory of a `check`", unit: "peak-MB", ours: "Memory/check", peers: []peer{{"pkcs15-tool, certificate and PINs", "Memory/pkcs15-tool-certificate-and-pins"}, {"an empty Go program", "Memory/empty-go-program"}},
			behind: "a Go program with its collector and the texts in two languages, against one in C"},
		row{what: "`watch`, processor time in a minute without a card", unit: "CPU-ms/minute", ours: "WatchIdle/no-card"},
		row{what: "`watch`, processor time in a minute with a card", unit: "CPU-ms/minute", ours: "WatchIdle/card"},
		row{what: "press on the icon → verdict painted, in Chromium", unit: "ns/op", ours: "Press/0s-per-APDU"},
		row{what: "the same, 20 ms for each command to the card", unit: "ns/op", ours: "Press/20ms-per-APDU"},
		row{what: "content script at the load of a small page, processor time of the main thread", unit: "main-thread-ms", ours: "ContentScript/load-login/ours", peers: []peer{{"a script that reads the page's text once and sends one message", "ContentScript/load-login/one-message"}},
			behind: "it looks for 14 texts and the login button, listens for five events, and watches changes"},
		row{what: "content script at the load of a page with 5,000 elements", unit: "main-thread-ms", ours: "ContentScript/load-large/ours", peers: []peer{{"a script that reads the page's text once and sends one message", "ContentScript/load-large/one-message"}},
			behind: "the same; and this page holds one of the texts, which is looked for to its element"},
		row{what: "content script while 1,000 elements change each second, share of the main thread", unit: "main-thread-%", ours: "ContentScript/changing"},
	)
}
