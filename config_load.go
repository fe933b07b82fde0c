package gatehouse

import (
	"os"
	"strings"

	"gatehouse/internal/settings"
)

// EnvironPrefix begins the names of the environment variables that are settings.
const EnvironPrefix = "GATEHOUSE_"

// LoadOptions say where settings come from.
type LoadOptions struct {
	// Defaults holds settings that win over the defaults of the manual and over nothing else; a program's own.
	Defaults []Flag
	// File is the path of a TOML file; empty = none.
	File string
	// Environ holds NAME=value pairs as os.Environ gives them; those of other names than GATEHOUSE_… are passed over.
	Environ []string
	// Set holds key=value pairs; lists and tables are written as JSON, and the last of one key wins.
	Set []string
	// Flags holds more such pairs, of options of their own such as --listen; they win over Set.
	Flags []Flag
}

// Flag is a setting given with an option of its own.
type Flag struct {
	// Name is the option, for faults: "--listen".
	Name string
	// Key and Value are the setting.
	Key, Value string
}

// originSet names --set in faults.
const originSet = "--set"

// Load joins the defaults, the program's own, the file, the environment and the pairs, each winning over the ones before, reads the secrets
// that are in files, and validates. The error is Faults with everything that is wrong, or the file's if it cannot be
// read. The Config is returned in any case; what could not be read keeps its default.
func Load(o LoadOptions) (Config, error) {
	var c Config
	l, err := settings.NewLoader(&c)
	if err != nil {
		return c, err
	}
	for _, f := range o.Defaults {
		l.Set([]string{f.Key + "=" + f.Value}, f.Name)
	}
	if o.File != "" {
		text, err := os.ReadFile(o.File)
		if err != nil {
			return c, err
		}
		l.File(o.File, text)
	}
	l.Environ(o.Environ, EnvironPrefix, foreignVariable)
	l.Set(o.Set, originSet)
	for _, f := range o.Flags {
		l.Set([]string{f.Key + "=" + f.Value}, f.Name)
	}
	c.said = secretsOnCommandLine(&c, l)
	l.ResolveSecrets()
	return c, allFaults(&c, l).Err()
}

// allFaults adds what Validate finds to what loading found. A key that did not load is not blamed twice.
func allFaults(c *Config, l *settings.Loader) Faults {
	all := l.Faults()
	for _, f := range c.faults() {
		if all.Has(f.Key) {
			continue
		}
		f.Origin = l.Origin(f.Key)
		all = append(all, f)
	}
	return all
}

// foreignVariable tells variables that begin like ours and are not: the project's tests have some, and Kubernetes gives
// every container the addresses of a service named gatehouse.
func foreignVariable(name string) bool {
	rest := strings.TrimPrefix(name, EnvironPrefix)
	for _, prefix := range []string{"TEST_", "SERVICE_", "PORT_"} {
		if strings.HasPrefix(rest, prefix) {
			return true
		}
	}
	return rest == "CONFIG" || rest == "PORT"
}

// secretsOnCommandLine warns of secrets that everybody on the machine can read in the list of processes.
func secretsOnCommandLine(c *Config, l *settings.Loader) []string {
	var out []string
	warn := func(key string, carries bool) {
		if carries && strings.HasPrefix(l.Origin(key), "--") {
			out = append(out, key+": the secret stands on the command line, where other users of this machine can read it; "+
				"write file:PATH, or use the variable "+EnvironPrefix+settings.VariableName(key))
		}
	}
	warn("store.url", c.Store.URL.Carries())
	warn("mail.smtp", c.Mail.SMTP.Carries())
	for _, p := range c.OIDC {
		warn("oidc", p.ClientSecret.Carries())
	}
	return out
}
