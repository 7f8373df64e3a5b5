package platform

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// parentArguments returns the command line of the program that has started this one, or nil if it cannot be read. The
// kernel gives the number of arguments, the program's path, and the arguments.
func parentArguments() []string {
	data, err := unix.SysctlRaw("kern.procargs2", os.Getppid())
	if err != nil {
		return nil
	}
	return strings.Split(string(data), "\x00")
}
