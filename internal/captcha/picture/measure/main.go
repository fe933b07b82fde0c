// Command measure lets Debian's tesseract read pictures of package picture, in each of its modes and after the usual
// preparations, and prints how many words it gets whole. The first row is a control: words that nobody hides. Nothing of the
// server uses the program.
//
//	apt-get install tesseract-ocr
//	go run ./internal/captcha/picture/measure -n 500
//
// With -sheet FOLDER it draws sheets of fifteen pictures for people to read instead, and their words into words.txt.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"image"
	"log"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	n := flag.Int("n", 500, "how many pictures")
	modes := flag.String("psm", "6,7,8,10,11,13", "tesseract's page segmentation modes")
	engines := flag.String("oem", "1", "tesseract's engines; 0 needs data that Debian does not have")
	only := flag.String("prepare", "", "preparations, separated by commas; empty = all of "+names())
	sheet := flag.String("sheet", "", "draw sheets for people into this folder and read nothing")
	start := flag.String("start", "measure", "text that the pictures' seeds are made from")
	flag.Parse()
	if *sheet != "" {
		if err := sheets(*sheet, *start, *n); err != nil {
			log.Fatal(err)
		}
		return
	}
	m := reading{modes: strings.Split(*modes, ","), engines: strings.Split(*engines, ",")}
	var err error
	if m.pictures, err = draw(*start, *n); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d pictures; words read whole, in percent; each mode alone, and with the whitelist 0123456789 (w)\n\n", *n)
	m.heading(os.Stdout)
	began := time.Now()
	for i, p := range preparations() {
		if i == 1 {
			m.most = 0
		}
		if *only == "" || slices.Contains(strings.Split(*only, ","), p.name) {
			if err := m.row(os.Stdout, p); err != nil {
				log.Fatal(err)
			}
		}
	}
	fmt.Printf("\nmost in one column, the control left aside: %.1f %%; took %v\n", m.most, time.Since(began).Round(time.Second))
}

// drawn is a picture and what it says.
type drawn struct {
	word    string
	picture *image.Gray
}

func seed(start string, i int) [32]byte { return sha256.Sum256(fmt.Appendf(nil, "%s %d", start, i)) }
