package mail

import (
	"fmt"
	"strconv"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// kind is what the mail of one kind says: its texts, and the parameters $1, $2 … that both of them have.
type kind struct {
	subject, text message.Key
	params        []param
}

// param is one parameter: a value of the mail by its name, or what stands beside the values.
type param struct {
	value string
	// number: the value is a whole number, which the text may build a plural on.
	number bool
	// optional: without the value the text of absent stands there.
	absent message.Key
	// from gives what is no value.
	from source
}

// source is where a parameter comes from that is not among the values.
type source int

const (
	fromValues source = iota
	fromName
	fromExpiry
	fromHome
)

func value(name string) param  { return param{value: name} }
func number(name string) param { return param{value: name, number: true} }

// kindOf tells what m says. Where a mail brings a link instead of a password its text is another.
func kindOf(m auth.Mail) (kind, bool) {
	link := m.Values["link"] != ""
	name, expiry, home := param{from: fromName}, param{from: fromExpiry}, param{from: fromHome}
	switch m.Kind {
	case auth.MailTemporaryPassword:
		creator := param{value: "creator", absent: "gatehouse-mail-somebody"}
		if link {
			return kind{"createaccount-title", "gatehouse-mail-createaccount-link", []param{creator, name, value("link"), home, number("days")}}, true
		}
		return kind{"createaccount-title", "createaccount-text", []param{creator, name, value("password"), home, number("days")}}, true
	case auth.MailConfirmEmail:
		return kind{"confirmemail_subject", "confirmemail_body", []param{value("address"), name, value("link"), expiry, value("cancel")}}, true
	case auth.MailPasswordReset:
		if link {
			return kind{"passwordreset-emailtitle", "gatehouse-mail-reset-link", []param{value("address"), name, value("link"), home, number("days")}}, true
		}
		return kind{"passwordreset-emailtitle", "passwordreset-emailtext-ip", []param{value("address"), name, value("password"), home, number("days")}}, true
	case auth.MailEmailChanged:
		return kind{"notificationemail_subject_changed", "notificationemail_body_changed", []param{value("address"), name}}, true
	case auth.MailPasswordChanged:
		return kind{"gatehouse-mail-passwordchanged-title", "gatehouse-mail-passwordchanged", []param{value("address"), name, home}}, true
	case auth.MailFactorsChanged:
		return kind{"gatehouse-mail-factorschanged-title", "gatehouse-mail-factorschanged", []param{value("address"), name, home}}, true
	case auth.MailCode:
		if link {
			return kind{"gatehouse-mail-code-title", "gatehouse-mail-code-link", []param{value("code"), number("minutes"), value("link")}}, true
		}
		return kind{"gatehouse-mail-code-title", "gatehouse-mail-code", []param{value("code"), number("minutes")}}, true
	}
	return kind{}, false
}

// complete refuses a mail whose text would have holes.
func complete(m auth.Mail) error {
	k, ok := kindOf(m)
	if !ok {
		return fmt.Errorf("there is no mail of kind %q", m.Kind)
	}
	for _, p := range k.params {
		if p.from != fromValues {
			continue
		}
		v := m.Values[p.value]
		if v == "" && p.absent == "" {
			return fmt.Errorf("mail of kind %q has no %s", m.Kind, p.value)
		}
		if _, err := strconv.ParseUint(v, 10, 32); p.number && err != nil {
			return fmt.Errorf("mail of kind %q: its %s is no number", m.Kind, p.value)
		}
	}
	return nil
}

// of gives the parameter as the message has it. Values come from outside: no markup is read in them, and no line ends in
// one.
func (p param) of(m auth.Mail, home string) message.Param {
	switch p.from {
	case fromName:
		return message.Plaintext(oneLine(string(m.Name)))
	case fromExpiry:
		return message.Time(m.Expires)
	case fromHome:
		return message.Plaintext(home)
	}
	v := m.Values[p.value]
	if p.number {
		n, err := strconv.ParseInt(v, 10, 64)
		if err == nil {
			return message.Num(n)
		}
	}
	if v == "" && p.absent != "" {
		return message.Nested(message.New(p.absent))
	}
	return message.Plaintext(oneLine(v))
}
