package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"gatehouse"
)

type versionCmd struct{}

// Run prints one line: version, commit if the binary was built from one, Go version and platform.
func (versionCmd) Run(s *surroundings) error {
	_, err := fmt.Fprintf(s.out, "gatehouse %s%s %s %s/%s\n", gatehouse.Version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	revision, modified := "", ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			revision = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			modified = "+changes"
		}
	}
	if revision == "" {
		return ""
	}
	return " (" + revision[:min(12, len(revision))] + modified + ")"
}
