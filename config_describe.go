package gatehouse

import (
	"io"

	"gatehouse/internal/settings"
)

// Describe prints a configuration file with every setting at its default, each under its manual. The file reads back as
// DefaultConfig.
func Describe(w io.Writer) error {
	schema, err := settings.SchemaOf(&Config{})
	if err != nil {
		return err
	}
	return schema.WriteTOML(w, manual())
}

// DescribeMarkdown prints the same manual as a page, docs/configuration.md.
func DescribeMarkdown(w io.Writer) error {
	schema, err := settings.SchemaOf(&Config{})
	if err != nil {
		return err
	}
	return schema.WriteMarkdown(w, manual())
}

func manual() settings.Manual {
	return settings.Manual{
		Title:  "Configuration",
		Prefix: EnvironPrefix,
		Intro: "Every setting of gatehouse with its default. Nothing has to be set: `gatehouse serve` runs without a file." +
			"|A setting is given in a TOML file (`--config FILE`), in an environment variable, or with `--set key=value`, which every command takes. " +
			"The environment wins over the file, and `--set` over both; of one key the last `--set` wins. " +
			"A variable's name is `GATEHOUSE_` and the key in capitals with `_` for `.`." +
			"|In variables and with `--set`, texts and numbers stand as they are, and lists and tables are written as JSON: " +
			"`--set 'throttle.logins=[{\"count\":5,\"per\":\"5m\"}]'`, `--set 'groups.helpers.grant=[\"createaccount\"]'`, `GATEHOUSE_GROUPS_HELPERS_GRANT='[\"createaccount\"]'`." +
			"|An unknown key is refused, and so is every wrong value. `gatehouse config check FILE` tells all faults of a file at once; " +
			"`gatehouse config describe` prints this manual as a file to start from." +
			"|`store.url`, `mail.smtp` and `client_secret` may be `file:PATH`: then the secret is read from that file. " +
			"Secrets on the command line work, with a warning.",
	}
}
