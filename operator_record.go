package gatehouse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// AccountRecord is one account on its way from one store to another: a line of what export writes and import reads. Empty members are
// left out.
type AccountRecord struct {
	Name     string `json:"name"`
	RealName string `json:"real_name,omitempty"`
	Email    string `json:"email,omitempty"`
	// EmailConfirmed is when the address was confirmed; zero if it was not.
	EmailConfirmed time.Time `json:"email_confirmed,omitzero"`
	// Registered is when the account was made; zero = when it is imported.
	Registered time.Time `json:"registered,omitzero"`
	Language   string    `json:"language,omitempty"`
	Groups     []string  `json:"groups,omitempty"`
	// GroupEnds says when memberships end, of those that do.
	GroupEnds map[string]time.Time `json:"group_ends,omitempty"`
	// Password is a hash: MediaWiki's stored string, a PHC string of argon2, crypt's bcrypt, or PBKDF2 as passlib or Django
	// write it. Empty = nobody signs in by a password until one is mailed.
	Password string `json:"password,omitempty"`
	// Identities are accounts at OpenID providers that open this one.
	Identities []IdentityRecord `json:"identities,omitempty"`
	// SecondFactors says that the account asks for one. They are bound to the store and stay behind.
	SecondFactors bool `json:"second_factors,omitempty"`
}

// IdentityRecord is an account at an OpenID provider.
type IdentityRecord struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	Label   string `json:"label,omitempty"`
}

// wikiRow is a row of MediaWiki's table of users, as database tools write it. Its other columns are nothing to us.
type wikiRow struct {
	ID             column `json:"user_id"`
	Name           column `json:"user_name"`
	RealName       column `json:"user_real_name"`
	Password       column `json:"user_password"`
	Email          column `json:"user_email"`
	EmailConfirmed column `json:"user_email_authenticated"`
	Registered     column `json:"user_registration"`
	// Groups and GroupEnds stand in a table of their own there; whoever joins it may add them.
	Groups    []string             `json:"groups"`
	GroupEnds map[string]time.Time `json:"group_ends"`
}

// column is a text, a number or null: tools differ.
type column string

// UnmarshalJSON takes all three.
func (c *column) UnmarshalJSON(data []byte) error {
	switch {
	case string(data) == "null":
		return nil
	case len(data) > 0 && data[0] == '"':
		return json.Unmarshal(data, (*string)(c))
	}
	var n json.Number
	err := json.Unmarshal(data, &n)
	*c = column(n)
	return err
}

// errNotOneObject: a line has to be one account.
var errNotOneObject = errors.New("the line is not one JSON object")

// parseRecord reads one line. A key that is not known is an error in our own form, so that a slip of the pen leaves nothing behind.
func parseRecord(line []byte) (AccountRecord, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil || keys == nil {
		return AccountRecord{}, errNotOneObject
	}
	if _, wiki := keys["user_name"]; wiki {
		var row wikiRow
		if err := json.Unmarshal(line, &row); err != nil {
			return AccountRecord{}, err
		}
		return row.record()
	}
	var r AccountRecord
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return AccountRecord{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return AccountRecord{}, errNotOneObject
	}
	return r, nil
}

func (w wikiRow) record() (AccountRecord, error) {
	r := AccountRecord{
		Name: string(w.Name), RealName: string(w.RealName), Email: string(w.Email), Password: string(w.Password),
		Groups: w.Groups, GroupEnds: w.GroupEnds,
	}
	const sumDigits = 32
	if len(r.Password) == sumDigits && !strings.Contains(r.Password, ":") && w.ID != "" {
		r.Password = ":B:" + string(w.ID) + ":" + r.Password // the oldest rows are salted with the id
	}
	var err error
	if r.EmailConfirmed, err = wikiTime(w.EmailConfirmed); err != nil {
		return r, fmt.Errorf("user_email_authenticated: %w", err)
	}
	if r.Registered, err = wikiTime(w.Registered); err != nil {
		return r, fmt.Errorf("user_registration: %w", err)
	}
	return r, nil
}

// wikiTime reads the fourteen digits that MySQL and SQLite hold, and what PostgreSQL shows.
func wikiTime(c column) (time.Time, error) {
	if c == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"20060102150405", time.RFC3339, "2006-01-02 15:04:05-07"} {
		if t, err := time.Parse(layout, string(c)); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("that is no time of MediaWiki's, such as 20300131120000")
}
