// Package common tells whether a password is one that very many people have chosen.
//
// The list is inside the binary: list.bin, the sorted 64-bit hashes of some 41 000 words, made by gen from 49 233 common
// passwords, of which 17 950 have eight characters or more. No network and no file is needed. It is not a strength
// meter and knows nothing of user names: that is package password, its only neighbour.
//
// The words come from the package @zxcvbn-ts/language-common, version 4.1.3 (MIT, LICENSE.list.txt).
package common

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

//go:embed list.bin
var list string

// entrySize is the length of one hash in list.bin, big endian, ascending.
const entrySize = 8

// minStem is the shortest stem that stands for all its variants. What is shorter, "12345678" above all, is listed as it is.
const minStem = 3

// Contains reports whether password is on the list, letter case and trailing digits ignored and nothing else: other
// folding (underscores, look-alike digits) would refuse what clients of the documented API send. A word that is not on
// the list is taken for one once in 10^14.
func Contains(password string) bool {
	lower := strings.ToLower(password)
	return listed(lower) || listed(Stem(lower))
}

// Stem is password in lower case without its trailing digits.
func Stem(password string) string { return strings.TrimRight(strings.ToLower(password), "0123456789") }

// Build makes the content of list.bin from words.
func Build(words []string) []byte {
	hashes := make([]uint64, len(words))
	for i, w := range words {
		hashes[i] = hash(entry(w))
	}
	slices.Sort(hashes)
	var out []byte
	for _, h := range slices.Compact(hashes) {
		out = binary.BigEndian.AppendUint64(out, h)
	}
	return out
}

// entry is what is listed for word: its stem where that says enough.
func entry(word string) string {
	if stem := Stem(word); len(stem) >= minStem {
		return stem
	}
	return strings.ToLower(word)
}

func listed(word string) bool {
	want, n := hash(word), len(list)/entrySize
	i := sort.Search(n, func(i int) bool { return at(i) >= want })
	return i < n && at(i) == want
}

func at(i int) uint64 { return binary.BigEndian.Uint64([]byte(list[i*entrySize : (i+1)*entrySize])) }

// hash need not be slow or keyed: the list is public. It must only never change.
func hash(word string) uint64 {
	sum := sha256.Sum256([]byte(word))
	return binary.BigEndian.Uint64(sum[:entrySize])
}
