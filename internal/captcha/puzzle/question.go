package puzzle

import (
	"context"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
)

// QA is a question, in HTML, and every answer that is right.
type QA struct {
	Question string
	Answers  []string
}

// Question asks one of the operator's questions.
type Question struct {
	asked []QA // the answers folded
}

var _ captcha.Puzzle = (*Question)(nil)

// NewQuestion makes the kind; there must be a question.
func NewQuestion(questions []QA) *Question {
	q := &Question{}
	for _, one := range questions {
		folded := QA{Question: one.Question}
		for _, a := range one.Answers {
			folded.Answers = append(folded.Answers, fold(a))
		}
		q.asked = append(q.asked, folded)
	}
	return q
}

// Code implements captcha.Kind.
func (*Question) Code() captcha.Code { return captcha.CodeQuestion }

// Name implements captcha.Kind.
func (*Question) Name() string { return "question" }

// Life implements captcha.Puzzle.
func (*Question) Life() time.Duration { return captcha.Lifetime }

// Request implements captcha.Puzzle.
func (q *Question) Request(c captcha.Challenge) auth.Request {
	return questionShape().Request(c, q.of(c).Question)
}

func questionShape() captcha.Shape {
	return captcha.Shape{Type: "question", MIME: "text/html", Prompts: map[captcha.Purpose]message.Key{
		captcha.Creation: "questycaptcha-createaccount", captcha.Login: "questycaptcha-badlogin",
	}}
}

// Judge implements captcha.Puzzle. Letter case and blanks do not matter, as far as a language can tell them away.
func (q *Question) Judge(_ context.Context, c captcha.Challenge, a captcha.Attempt) (captcha.Verdict, error) {
	typed := fold(a.Word)
	for _, right := range q.of(c).Answers {
		if typed == right && typed != "" {
			return captcha.Verdict{Right: true}, nil
		}
	}
	return captcha.Verdict{}, nil
}

func (q *Question) of(c captcha.Challenge) QA {
	return q.asked[pick(c.Seed, 0, uint64(len(q.asked)))]
}

// maxWord is how much of an answer is looked at, in bytes: more than any answer has.
const maxWord = 4096

func fold(text string) string {
	if len(text) > maxWord {
		return ""
	}
	text = cases.Fold().String(norm.NFKC.String(text))
	return strings.Join(strings.Fields(text), " ")
}
