// Command gen records samples.bin of package speech from espeak-ng, the speech synthesiser of Debian. It runs by hand, when a
// language is added:
//
//	apt-get install espeak-ng
//	go run ./internal/captcha/speech/gen internal/captcha/speech/samples.bin
//
// Every digit is said by two voices, brought to 11025 samples a second, freed of silence, made equally loud, and packed with
// four bits a sample (speech.Build). No network and no other person's voice has part in it.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"

	"gatehouse/internal/captcha/speech"
)

// spoken is how a language's digits are written for one of espeak-ng's voices.
type spoken struct{ language, voice, digits string }

// languages has words where espeak-ng reads numerals badly: Arabic with its vowels, German with the word for 2 that nobody
// takes for 3, Chinese in Pinyin.
func languages() []spoken {
	return []spoken{
		{"en", "en-us", "zero one two three four five six seven eight nine"},
		{"ar", "ar", "صِفر وَاحِد اِثْنَان ثَلاثَه أَربَعَه خَمسَه سِتَّا سَبعَه ثَمانِيَه تِسعَه"},
		{"de", "de", "null eins zwo drei vier fünf sechs sieben acht neun"},
		{"es", "es", "cero uno dos tres cuatro cinco seis siete ocho nueve"},
		{"fr", "fr-fr", "zéro un deux trois quatre cinq six sept huit neuf"},
		{"hi", "hi", "शून्य एक दो तीन चार पाँच छह सात आठ नौ"},
		{"hu", "hu", "nulla egy kettő három négy öt hat hét nyolc kilenc"},
		{"ja", "ja", "ぜろ いち にい さん よん ごう ろく なな はち きゅう"},
		{"ru", "ru", "ноль один два три четыре пять шесть семь восемь девять"},
		{"zh", "cmn-latn-pinyin", "ling2 yi1 er4 san1 si4 wu3 liu4 qi1 ba1 jiu3"},
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen samples.bin")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(to string) error {
	var all []speech.Recordings
	for _, l := range languages() {
		r := speech.Recordings{Language: l.language}
		for _, variant := range []string{"", "+f2"} {
			var voice [10][]int16
			for digit, word := range strings.Fields(l.digits) {
				samples, err := say(l.voice+variant, word)
				if err != nil {
					return fmt.Errorf("say %q in %s: %w", word, l.language, err)
				}
				voice[digit] = samples
			}
			r.Voices = append(r.Voices, voice)
		}
		all = append(all, r)
	}
	return os.WriteFile(to, speech.Build(all), 0o644)
}

// say lets espeak-ng say a word, not too fast.
func say(voice, word string) ([]int16, error) {
	out, err := exec.Command("espeak-ng", "-v", voice, "-s", "150", "--stdout", word).Output()
	if err != nil {
		return nil, fmt.Errorf("run espeak-ng: %w", err)
	}
	if len(out) < 44 || string(out[:4]) != "RIFF" || binary.LittleEndian.Uint16(out[34:]) != 16 {
		return nil, errors.New("espeak-ng wrote no 16-bit WAV file")
	}
	rate := float64(binary.LittleEndian.Uint32(out[24:]))
	sound := make([]float64, (len(out)-44)/2)
	for i := range sound {
		sound[i] = float64(int16(binary.LittleEndian.Uint16(out[44+2*i:])))
	}
	return level(trimmed(resampled(sound, rate))), nil
}

// resampled brings the sound to speech.Rate. What is too high for that is filtered out first, by a windowed sinc.
func resampled(sound []float64, rate float64) []float64 {
	const reach = 48
	cut := .94 * speech.Rate / rate
	out := make([]float64, int(float64(len(sound))*speech.Rate/rate))
	for i := range out {
		middle := float64(i) * rate / speech.Rate
		for j := max(int(middle)-reach, 0); j <= min(int(middle)+reach, len(sound)-1); j++ {
			x := float64(j) - middle
			window := .5 + .5*math.Cos(math.Pi*x/(reach+1))
			out[i] += sound[j] * window * cut * sinc(cut*x)
		}
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// trimmed takes away the silence around the sound.
func trimmed(sound []float64) []float64 {
	const margin = speech.Rate / 60
	peak := 0.
	for _, v := range sound {
		peak = max(peak, math.Abs(v))
	}
	first, last := len(sound), 0
	for i, v := range sound {
		if math.Abs(v) > peak/150 {
			first, last = min(first, i), i
		}
	}
	return sound[max(first-margin, 0):min(last+margin, len(sound))]
}

// level makes all digits about equally loud, without cutting their tops off.
func level(sound []float64) []int16 {
	energy, peak := 0., 1.
	for _, v := range sound {
		energy += v * v
		peak = max(peak, math.Abs(v))
	}
	gain := min(5200/math.Sqrt(energy/float64(len(sound))), 26000/peak)
	out := make([]int16, len(sound)&^1)
	for i := range out {
		out[i] = int16(gain * sound[i])
	}
	return out
}
