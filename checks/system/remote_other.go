//go:build !windows

package system

// remoteSession is a matter of Windows, whose remote desktop replaces the readers with those of the client.
func remoteSession() bool { return false }
