package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// understandsEscapes turns on escape sequences, such as colours: they are off by default in Windows 10 and later.
func understandsEscapes(console *os.File) bool {
	var mode uint32
	handle := windows.Handle(console.Fd())
	return windows.GetConsoleMode(handle, &mode) == nil &&
		windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
