//go:build linux && cgo

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

func TestHostProcess(t *testing.T) {
	origin := manifests.AllowedOrigins()[0]
	t.Run("hello first, a clean end with the input", func(t *testing.T) {
		h := harness.StartHost(t, origin)
		assert.Equal(t, "hello", h.Receive()["type"])
		h.In.Close()
		assert.Equal(t, 0, h.Exit())
	})
	t.Run("a full diagnosis", func(t *testing.T) {
		card := harness.Insert(t, nil)
		h := harness.StartHost(t, origin)
		h.Receive()
		h.Write(harness.Framed(`{"type":"diagnose","id":"1"}`))
		for {
			m := h.Receive()
			if m["type"] == "report" {
				assert.Equal(t, "verdict.all-fine", m["report"].(map[string]any)["verdict"].(map[string]any)["code"])
				break
			}
		}
		h.In.Close()
		assert.Equal(t, 0, h.Exit())
		harness.RequireNoPINData(t, card)
		for _, personal := range []string{"EMULATE", "Mihon", "1234567"} {
			assert.NotContains(t, h.Log(), personal)
		}
	})
	t.Run("an unknown extension", func(t *testing.T) {
		h := harness.StartHost(t, "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/")
		m := h.Receive()
		assert.Equal(t, "forbidden-origin", m["error"].(map[string]any)["code"])
		assert.Equal(t, 1, h.Exit())
		assert.Contains(t, h.Log(), "refused")
	})
	t.Run("a message too large", func(t *testing.T) {
		h := harness.StartHost(t, origin)
		h.Receive()
		h.Write([]byte{0xFF, 0xFF, 0xFF, 0x7F})
		assert.Equal(t, "too-large", h.Receive()["error"].(map[string]any)["code"])
		assert.Equal(t, 1, h.Exit())
		assert.Contains(t, h.Log(), "too large")
	})
	t.Run("a truncated message", func(t *testing.T) {
		h := harness.StartHost(t, origin)
		h.Receive()
		h.Write(harness.Framed(`{"type":"bye"}`)[:9])
		h.In.Close()
		assert.Equal(t, 1, h.Exit())
		assert.Contains(t, h.Log(), "ended inside a message")
	})
	t.Run("garbage, then a good message", func(t *testing.T) {
		h := harness.StartHost(t, origin)
		h.Receive()
		h.Write(harness.Framed("}{"))
		assert.Equal(t, "bad-json", h.Receive()["error"].(map[string]any)["code"])
		h.Write(harness.Framed(`{"type":"bye","id":"1"}`))
		assert.Equal(t, "bye", h.Receive()["type"])
		assert.Equal(t, 0, h.Exit())
	})
	t.Run("it ends with the input although a card is held by another program", func(t *testing.T) {
		d := pcsctest.Start(t, harness.ReaderName)
		d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
		pcsctest.HoldTransaction(t, d.SlotName(t, 0))
		h := harness.StartHost(t, origin)
		h.Receive()
		h.Write(harness.Framed(`{"type":"diagnose","id":"1"}`))
		h.Receive()
		h.In.Close()
		_, _ = io.Copy(io.Discard, h.Out)
		start := time.Now()
		assert.Equal(t, 0, h.Exit())
		assert.Less(t, time.Since(start), harness.Timeout)
	})
}

// The command as a person runs it, in the states that take longest.
func TestCommandLine(t *testing.T) {
	check := func(t *testing.T, args ...string) (code string, exit int) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), harness.Timeout) // it ends, even if a probe hangs
		defer cancel()
		out, err := exec.CommandContext(ctx, harness.HostProgram, append([]string{"check", "--json"}, args...)...).Output()
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			exit = failed.ExitCode()
		} else {
			require.NoError(t, err)
		}
		var report struct{ Verdict struct{ Code string } }
		require.NoError(t, json.Unmarshal(out, &report), string(out))
		return report.Verdict.Code, exit
	}
	for _, c := range []struct {
		name string
		set  func(t *testing.T)
		want string
		exit int
	}{
		{"pcscd stopped", func(t *testing.T) { pcsctest.Start(t, harness.ReaderName).Stop() }, "service.smart-card-stopped", 1},
		{"no reader", func(t *testing.T) { pcsctest.Start(t) }, "reader.none", 1},
		{"no card", func(t *testing.T) { pcsctest.Start(t, harness.ReaderName) }, "card.absent", 1},
		{"healthy", func(t *testing.T) { harness.Insert(t, nil) }, "verdict.all-fine", 0},
		{"expired", func(t *testing.T) {
			harness.Insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -1) })
		}, "certificate.expired", 1},
		{"a foreign transaction", func(t *testing.T) {
			d := pcsctest.Start(t, harness.ReaderName)
			d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
			pcsctest.HoldTransaction(t, d.SlotName(t, 0))
		}, "card.in-use", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.set(t)
			code, exit := check(t)
			assert.Equal(t, c.want, code)
			assert.Equal(t, c.exit, exit)
		})
	}
	t.Run("simulated", func(t *testing.T) {
		code, exit := check(t, "--simulate", "expired")
		assert.Equal(t, "certificate.expired", code)
		assert.Equal(t, 1, exit)
	})
}

// If the reader of our output closes the pipe while the card is read, nothing is killed and nothing is reset.
func TestAClosedPipeDoesNotResetTheCard(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	program := exec.Command(harness.HostProgram, "check")
	program.Stdout, program.Stderr = writer, writer
	card.At(2, func() { reader.Close() })
	require.NoError(t, program.Start())
	writer.Close()
	_ = program.Wait()
	assert.True(t, program.ProcessState.Exited(), "ended by %s", program.ProcessState)
	assert.Zero(t, card.Resets())
	assert.Zero(t, card.Current(), "it has left the card")
}

// An interrupted command tells scripts so by its exit code, and writes nothing more.
func TestAnInterruptedCommand(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			d := pcsctest.Start(t, harness.ReaderName)
			profile := virtualcard.Healthy(time.Now())
			profile.Delay = 300 * time.Millisecond // the rest of the reading takes far longer than a signal
			card := virtualcard.New(profile)
			d.Insert(t, 0, card)
			program := exec.Command(harness.HostProgram, "check")
			var said bytes.Buffer
			program.Stdout, program.Stderr = &said, &said
			begun := make(chan struct{})
			card.At(2, func() { <-begun; _ = program.Process.Signal(s) })
			require.NoError(t, program.Start())
			close(begun)
			_ = program.Wait()
			assert.Equal(t, 3, program.ProcessState.ExitCode())
			assert.Empty(t, said.String())
			assert.Less(t, len(card.Record()), 6, "it was in the middle of the read")
		})
	}
}

// nohup lets a command continue after its terminal has closed.
func TestACommandThatIgnoresHangups(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	program := exec.Command("nohup", harness.HostProgram, "check", "--json")
	begun := make(chan struct{})
	card.At(2, func() { <-begun; _ = program.Process.Signal(syscall.SIGHUP) })
	var said bytes.Buffer
	program.Stdout = &said
	require.NoError(t, program.Start())
	close(begun)
	require.NoError(t, program.Wait())
	assert.Contains(t, said.String(), `"verdict"`)
}

func TestInstallScript(t *testing.T) {
	home, profile := t.TempDir(), filepath.Join(t.TempDir(), "a profile")
	pcsctest.Start(t) // no reader
	run := func(script string, args ...string) (string, int) {
		t.Helper()
		cmd := exec.Command(harness.Absolute(t, "../../install/"+script), args...)
		cmd.Dir = filepath.Dir(profile)
		goEnv := func(name string) string {
			out, err := exec.Command("go", "env", name).Output()
			require.NoError(t, err)
			return name + "=" + strings.TrimSpace(string(out))
		}
		cmd.Env = append(os.Environ(), "HOME="+home, "LANG=ja_JP.UTF-8", "XDG_DATA_HOME=", "XDG_STATE_HOME=", "XDG_CONFIG_HOME=",
			goEnv("GOMODCACHE"), goEnv("GOCACHE"), goEnv("GOPROXY"), goEnv("GOFLAGS"))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			require.NoError(t, err, string(out))
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	manifest := filepath.Join(profile, "NativeMessagingHosts", "jp.etax_doctor.json")

	out, exit := run("install.sh", "--user-data-dir", "a profile")
	require.Equal(t, 0, exit, out)
	assert.Contains(t, out, manifest, "a relative folder is that of the person, not of the script")
	assert.FileExists(t, manifest)
	assert.Contains(t, out, "カードリーダーが見つかりません", "the real result first")
	assert.Contains(t, out, "練習用の表示です")
	out, exit = run("install.sh", "--user-data-dir", "a profile")
	require.Equal(t, 0, exit, out)
	assert.Contains(t, out, "変更はありません")

	_, exit = run("uninstall.sh", "--user-data-dir", "a profile")
	require.Equal(t, 0, exit)
	assert.NoFileExists(t, manifest)
	program := filepath.Join(home, ".local", "bin", "etax-doctor")
	assert.FileExists(t, program, "other browsers may still use it")
	_, exit = run("uninstall.sh")
	require.Equal(t, 0, exit)
	assert.NoFileExists(t, program)

	for _, args := range [][]string{{"--everything"}, {"--user-data-dir"}, {"--user-data-dir", "x", "y"}} {
		out, exit = run("install.sh", args...)
		assert.Equal(t, 2, exit, args)
		assert.Contains(t, out, "使えるオプションは次のとおりです")
	}
}
