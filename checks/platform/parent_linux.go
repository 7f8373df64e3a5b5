package platform

import (
	"fmt"
	"os"
	"strings"
)

// parentArguments returns the command line of the program that has started this one, or nil if it cannot be read. A
// browser starts a native-messaging host itself.
func parentArguments() []string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", os.Getppid()))
	if err != nil {
		return nil
	}
	return strings.Split(string(data), "\x00")
}
