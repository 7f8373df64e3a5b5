//go:build linux

package main

import (
	"debug/pe"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"

	"etax-doctor/extension"
)

// requireWindowsProgram checks a program's header, and what Windows shows of it.
func requireWindowsProgram(t *testing.T, program string) {
	t.Helper()
	file, err := pe.NewFile(strings.NewReader(program))
	require.NoError(t, err)
	header, ok := file.OptionalHeader.(*pe.OptionalHeader64)
	require.True(t, ok)
	const want = pe.IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA | pe.IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE | pe.IMAGE_DLLCHARACTERISTICS_NX_COMPAT
	assert.EqualValues(t, want, header.DllCharacteristics&want, "loaded at random addresses, no code in data")
	for _, name := range []string{".reloc", ".rsrc"} {
		assert.NotNil(t, file.Section(name), name)
	}
	resources, err := winres.LoadFromEXE(strings.NewReader(program))
	require.NoError(t, err)
	manifest := string(resources.Get(winres.RT_MANIFEST, winres.ID(1), languageEnglish))
	for _, part := range []string{`level="asInvoker"`, ">UTF-8<", "longPathAware"} {
		assert.Contains(t, manifest, part)
	}
	names := map[string]bool{}
	resources.WalkType(winres.RT_VERSION, func(_ winres.Identifier, _ uint16, data []byte) bool {
		info, err := version.FromBytes(data)
		require.NoError(t, err)
		for _, texts := range info.Table() {
			names[(*texts)[version.ProductName]] = true
			assert.Equal(t, extension.Version(), (*texts)[version.FileVersion])
		}
		return true
	})
	assert.Equal(t, map[string]bool{"e-Taxログイン診断": true, "e-Tax login doctor": true}, names)
	icons := 0
	resources.WalkType(winres.RT_ICON, func(winres.Identifier, uint16, []byte) bool { icons++; return true })
	assert.Equal(t, 4, icons)
}
