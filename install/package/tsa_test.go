//go:build linux

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const tsaConfig = `[tsa]
default_tsa = tsa1
[tsa1]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
`

// startTSA starts a time-stamping authority (RFC 3161) on this computer, and returns its address. Its certificate is tsa.pem in
// the folder.
func startTSA(t *testing.T, dir string) string {
	t.Helper()
	openssl := func(args ...string) error {
		cmd := exec.Command("openssl", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, string(out))
		return err
	}
	require.NoError(t, openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=EMULATE time", "-addext", "extendedKeyUsage=critical,timeStamping"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tsa.cnf"), []byte(tsaConfig), 0o644))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || os.WriteFile(filepath.Join(dir, "query"), query, 0o644) != nil || openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply") != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		http.ServeFile(w, r, filepath.Join(dir, "reply"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}
