package speech

import (
	"encoding/binary"
	"errors"
)

// clip is a recording in IMA's ADPCM: four bits a sample, the lower half of a byte first.
type clip string

// The tables of IMA's ADPCM.
func stepSizes() [89]int32 {
	return [...]int32{
		7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130,
		143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282,
		1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630,
		9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
	}
}

func stepChanges() [8]int { return [...]int{-1, -1, -1, -1, 2, 4, 6, 8} }

// coder is the state that reading and writing share: what the last sample was and how big the next step is.
type coder struct {
	sizes   [89]int32
	changes [8]int
	index   int
	last    int32
}

func newCoder() coder { return coder{sizes: stepSizes(), changes: stepChanges()} }

// read gives the sample that four bits stand for.
func (c *coder) read(bits byte) int16 {
	step := c.sizes[c.index]
	diff := step >> 3
	for i, part := range [...]int32{step >> 2, step >> 1, step} {
		if bits&(1<<i) != 0 {
			diff += part
		}
	}
	if bits&8 != 0 {
		diff = -diff
	}
	c.last = min(max(c.last+diff, -32768), 32767)
	c.index = min(max(c.index+c.changes[bits&7], 0), len(c.sizes)-1)
	return int16(c.last)
}

// write gives the four bits that come closest to sample.
func (c *coder) write(sample int16) byte {
	var bits byte
	diff := int32(sample) - c.last
	if diff < 0 {
		bits, diff = 8, -diff
	}
	step := c.sizes[c.index]
	for i := 2; i >= 0; i-- {
		if diff >= step {
			bits |= 1 << i
			diff -= step
		}
		step >>= 1
	}
	c.read(bits)
	return bits
}

func (c clip) samples() []int16 {
	code := newCoder()
	out := make([]int16, 0, 2*len(c))
	for i := range len(c) {
		out = append(out, code.read(c[i]&15), code.read(c[i]>>4))
	}
	return out
}

func newClip(samples []int16) clip {
	code := newCoder()
	out := make([]byte, len(samples)/2)
	for i := range out {
		out[i] = code.write(samples[2*i])
		out[i] |= code.write(samples[2*i+1]) << 4
	}
	return clip(out)
}

// Recordings are the digits of one language, said by several voices, as samples at Rate.
type Recordings struct {
	Language string
	Voices   [][10][]int16
}

// Build packs recordings into the text of samples.bin: for each language its name and number of voices, each after a byte of
// length; then for each digit of each voice its length in bytes, in two bytes, and its ADPCM.
func Build(all []Recordings) []byte {
	var out []byte
	for _, l := range all {
		out = append(out, byte(len(l.Language)))
		out = append(out, l.Language...)
		out = append(out, byte(len(l.Voices)))
		for _, voice := range l.Voices {
			for _, samples := range voice {
				c := newClip(samples)
				out = binary.LittleEndian.AppendUint16(out, uint16(len(c)))
				out = append(out, c...)
			}
		}
	}
	return out
}

var errCut = errors.New("the samples end early")

// parse reads what Build packs. No clip is empty.
func parse(packed string) (map[string][][10]clip, error) {
	out := map[string][][10]clip{}
	p := parser{rest: packed}
	for p.rest != "" && !p.cut {
		language := p.take(p.number(1))
		voices := make([][10]clip, p.number(1))
		for v := range voices {
			for digit := range voices[v] {
				voices[v][digit] = clip(p.take(p.number(2)))
				p.cut = p.cut || voices[v][digit] == ""
			}
		}
		p.cut = p.cut || len(voices) == 0
		out[language] = voices
	}
	if _, ok := out[Fallback]; !ok || p.cut {
		return nil, errCut
	}
	return out, nil
}

// parser takes a text to pieces. After its end it gives empty ones.
type parser struct {
	rest string
	cut  bool
}

func (p *parser) take(n int) string {
	if n > len(p.rest) {
		p.rest, p.cut = "", true
		return ""
	}
	piece := p.rest[:n]
	p.rest = p.rest[n:]
	return piece
}

func (p *parser) number(bytes int) int {
	n := 0
	for i, piece := 0, p.take(bytes); i < len(piece); i++ {
		n |= int(piece[i]) << (8 * i)
	}
	return n
}
