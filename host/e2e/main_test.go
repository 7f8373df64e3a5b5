//go:build linux && cgo

package e2e

import (
	"testing"

	"etax-doctor/host/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
