package readername

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDisplay(t *testing.T) {
	for in, want := range map[string]string{
		"SONY FeliCa RC-S300/P (1234567) 00 00":                                  "SONY FeliCa RC-S300/P",
		"SONY FeliCa Port/PaSoRi 4.0 0":                                          "SONY FeliCa Port/PaSoRi 4.0",
		"SCM Microsystems Inc. SCR 3310 [CCID Interface] (21120713305478) 00 00": "SCM Microsystems Inc. SCR 3310 [CCID Interface]",
		"Circle CIR315 CL [CIR315 CL] (0001) 01 00":                              "Circle CIR315 CL [CIR315 CL]",
		"SONY FeliCa RC-S300/P (1234567 00 00":                                   "SONY FeliCa RC-S300/P",
		"Reader (A1(B2)C345678) 00 00":                                           "Reader",
		"SCM Microsystems Inc. SCR 3310 (21120713305478) 00 00":                  "SCM Microsystems Inc. SCR 3310",
		"SCM Microsystems Inc. SCR 3310 0":                                       "SCM Microsystems Inc. SCR 3310",
		"(A1(B2)C345678)":                                                        "",
		"Reader 1234567 00 00":                                                   "Reader *",
		"Reader-20240112 SN12345678":                                             "Reader-* SN*",
		"Reader )1234567( 00 00":                                                 "Reader )*",
		"Reader\x00with a NUL":                                                   "Reader with a NUL",
		"\xff\xfe broken":                                                        "? broken",
		"カードリーダー 00 00":                                                          "カードリーダー",
		"":                                                                       "",
	} {
		assert.Equal(t, want, Display(in))
	}
	long := make([]byte, 500)
	for i := range long {
		long[i] = 'x'
	}
	assert.Len(t, Display(string(long)), nameLimit)
}

// IsVirtual gives the same result for PC/SC's name and for the name that Display returns.
func TestIsVirtual(t *testing.T) {
	for name, want := range map[string]bool{
		"Windows Hello for Business 1":           true,
		"Microsoft Virtual Smart Card 0":         true,
		"Microsoft UICC ISO Reader 1":            true,
		"Yubico YubiKey OTP+FIDO+CCID 00 00":     true,
		"HID Global OMNIKEY 5422 SAM 01 00":      true,
		"ACS ACR1281 1S Dual Reader SAM 0":       true,
		"ACS ACR1281 1S Dual Reader PICC 0":      false,
		"SONY FeliCa RC-S300/P (1234567) 00 00":  false,
		"SAMSUNG Reader (1) 00 00":               false,
		"Circle CIR315 CL [CIR315 CL] (1) 01 00": false,
	} {
		assert.Equal(t, want, IsVirtual(name), name)
		assert.Equal(t, want, IsVirtual(Display(name)), "%s, as it is kept", name)
	}
}
