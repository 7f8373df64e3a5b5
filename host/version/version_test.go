package version

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/extension"
	"etax-doctor/manifests"
)

func TestTheExtensionIsOfTheSameVersionAndAllowed(t *testing.T) {
	data, err := extension.Files.ReadFile("manifest.json")
	require.NoError(t, err)
	var manifest struct{ Version, Key string }
	require.NoError(t, json.Unmarshal(data, &manifest))
	assert.Equal(t, Version, manifest.Version)

	// An unpacked extension's id is the start of its key's SHA-256, in the letters a to p.
	key, err := base64.StdEncoding.DecodeString(manifest.Key)
	require.NoError(t, err)
	sum := sha256.Sum256(key)
	id := make([]byte, 0, 32)
	for _, b := range sum[:16] {
		id = append(id, 'a'+b>>4, 'a'+b&0x0F)
	}
	assert.Contains(t, manifests.AllowedOrigins(), "chrome-extension://"+string(id)+"/")
}

func TestBuiltAt(t *testing.T) {
	assert.False(t, BuiltAt().Before(releasedAt.AddDate(-1, 0, 0)))
	assert.True(t, BuiltAt().Before(time.Now().AddDate(0, 0, 2)))
}
