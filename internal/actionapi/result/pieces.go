package result

import "io"

// PieceSize is about how much of a document a writer holds back before it gives it to the output, in bytes. Most answers
// are shorter and stay whole.
const PieceSize = 32 << 10

// pieces is a document on its way: what is written of it and not given to out yet. Without an out it stays whole.
type pieces struct {
	buf []byte
	out io.Writer
}

// spill gives out what has been written, if it is as long as a piece. Nobody hears of an output that fails: a client that
// went away reads no answer.
func (p *pieces) spill() {
	if len(p.buf) < PieceSize || p.out == nil {
		return
	}
	_, _ = p.out.Write(p.buf)
	p.buf = p.buf[:0]
}

// add writes s as it is, a long one piece by piece.
func (p *pieces) add(s string) {
	for p.out != nil && len(p.buf)+len(s) > PieceSize {
		n := max(0, min(PieceSize-len(p.buf), len(s)))
		p.buf = append(p.buf, s[:n]...)
		s = s[n:]
		p.spill()
	}
	p.buf = append(p.buf, s...)
}
