package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// understandsEscapes lets a console obey colours and the like, which Windows 10 and later can and do not by themselves.
func understandsEscapes(console *os.File) bool {
	var mode uint32
	handle := windows.Handle(console.Fd())
	return windows.GetConsoleMode(handle, &mode) == nil &&
		windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
