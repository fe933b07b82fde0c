package settings

import (
	"fmt"
	"reflect"
	"slices"
)

// CheckChoices finds the settings whose value is none of their choices. Loaded settings have none such; this is for
// those that a program filled in itself. target points to the struct.
func CheckChoices(target any) Faults {
	var found Faults
	v := reflect.ValueOf(target).Elem()
	for _, f := range fields(v.Type()) {
		checkChoices(&found, v.FieldByIndex(f.Index), keyOf(f, "", nil))
	}
	return found
}

func checkChoices(found *Faults, v reflect.Value, k Key) {
	switch {
	case isTable(v.Type()):
		for _, f := range fields(v.Type()) {
			checkChoices(found, v.FieldByIndex(f.Index), keyOf(f, k.Path+".", nil))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			checkChoices(found, v.Index(i), Key{Path: fmt.Sprintf("%s[%d]", k.Path, i), Choices: k.Choices})
		}
	case v.Kind() == reflect.String && len(k.Choices) > 0 && !slices.Contains(k.Choices, v.String()):
		*found = append(*found, Fault{Key: k.Path, Value: Show(v.String()), Want: wantChoice(v.String(), k.Choices)})
	}
}
