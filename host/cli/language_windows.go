package cli

import (
	"slices"
	"strings"

	"golang.org/x/sys/windows"
)

// systemIsJapanese asks Windows, which sets no locale variables, for the language of its menus.
func systemIsJapanese() bool {
	languages, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	return err == nil && slices.ContainsFunc(languages[:min(1, len(languages))], func(l string) bool {
		return strings.HasPrefix(strings.ToLower(l), "ja")
	})
}
