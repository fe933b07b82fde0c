package speech

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// mixer makes one file. Sound is in units of a clip's samples, so that full loudness is about 32000.
type mixer struct {
	voices [][10]clip
	r      *rand.Rand
	sound  []float64
}

// say appends the digits with pauses between them in which a listener can type.
func (m *mixer) say(word string) {
	m.sound = make([]float64, 0, (len(word)+1)*3*Rate/2)
	m.pause(.4, .6)
	for i := range len(word) {
		said := m.digit(word[i] - '0')
		m.sound = append(m.sound, said...)
		m.pause(.35, .75)
	}
}

func (m *mixer) pause(least, most float64) {
	m.sound = append(m.sound, make([]float64, int(m.between(least, most)*Rate))...)
}

// digit gives one digit in some voice, a little faster and higher or slower and lower than it was recorded.
func (m *mixer) digit(d byte) []float64 {
	recorded := m.voices[m.r.IntN(len(m.voices))][d].samples()
	speed, loud := m.between(.88, 1.1), m.between(.75, 1)
	out := make([]float64, int(float64(len(recorded)-1)/speed))
	for i := range out {
		at := float64(i) * speed
		whole := int(at)
		part := at - float64(whole)
		out[i] = loud * ((1-part)*float64(recorded[whole]) + part*float64(recorded[whole+1]))
	}
	return out
}

// murmur lays digits said backwards under the whole file, one after another and quiet, so that the pauses are not silent.
func (m *mixer) murmur() {
	for at := 0; at < len(m.sound); {
		said := m.digit(byte(m.r.IntN(10)))
		slices.Reverse(said)
		loud := m.between(.06, .13)
		for i, v := range said[:min(len(said), len(m.sound)-at)] {
			m.sound[at+i] += loud * v
		}
		at += len(said)/2 + m.r.IntN(Rate/4)
	}
}

func (m *mixer) between(low, high float64) float64 { return low + m.r.Float64()*(high-low) }

// file writes the sound as a WAV file of eight bits a sample over a faint hiss.
func file(sound []float64, r *rand.Rand) []byte {
	const header = 44
	out := make([]byte, 0, header+len(sound)+1)
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(header-8+len(sound)+len(sound)%2))
	out = append(out, "WAVEfmt "...)
	out = binary.LittleEndian.AppendUint32(out, 16)
	out = binary.LittleEndian.AppendUint16(out, 1) // plain samples
	out = binary.LittleEndian.AppendUint16(out, 1) // one channel
	out = binary.LittleEndian.AppendUint32(out, Rate)
	out = binary.LittleEndian.AppendUint32(out, Rate) // bytes a second
	out = binary.LittleEndian.AppendUint16(out, 1)    // bytes a sample
	out = binary.LittleEndian.AppendUint16(out, 8)
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(sound)))
	for _, v := range sound {
		v = v/256 + (r.Float64()-.5)*2
		out = append(out, byte(min(max(v+128, 0), 255)))
	}
	if len(sound)%2 == 1 {
		out = append(out, 128) // parts of a RIFF file begin at even places
	}
	return out
}
