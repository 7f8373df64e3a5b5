package platform

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUserDataDir(t *testing.T) {
	assert.Equal(t, "/a b", userDataDir([]string{"/usr/lib/chromium/chromium", "--user-data-dir=/a b", "--lang=ja"}))
	assert.Empty(t, userDataDir([]string{"/usr/bin/chrome", "--user-data-dir=relative"}))
	assert.Empty(t, userDataDir([]string{"sh"}))
	assert.Empty(t, userDataDir(nil))
}
