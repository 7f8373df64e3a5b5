//go:build linux && cgo

package harness

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The comparison sees what a person would see.
func TestDifference(t *testing.T) {
	plain := func(change func(*image.NRGBA)) image.Image {
		m := image.NewNRGBA(image.Rect(0, 0, 320, 320))
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		if change != nil {
			change(m)
		}
		return m
	}
	line := plain(func(m *image.NRGBA) { // of small letters
		for y := 100; y < 116; y++ {
			for x := range 160 {
				if x%2 == 0 {
					m.Set(x, y, color.Black)
				}
			}
		}
	})
	dot := plain(func(m *image.NRGBA) { m.Set(5, 5, color.Black) })
	assert.Zero(t, difference(plain(nil), plain(nil)))
	assert.Zero(t, difference(plain(nil), dot), "a pixel here and there")
	assert.Greater(t, difference(plain(nil), line), 0.04)
	assert.EqualValues(t, 1, difference(plain(nil), image.NewNRGBA(image.Rect(0, 0, 320, 640))))
}
