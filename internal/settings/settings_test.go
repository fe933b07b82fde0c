package settings

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

type sample struct {
	Door   door            `toml:"door" manual:"The door.|It opens."`
	Rooms  map[string]room `toml:"rooms" manual:"Any number of rooms."`
	Guests []guest         `toml:"guests" manual:"Who comes."`
	//lint:ignore U1000 it is there to be ignored
	ignored int
}

type door struct {
	Name   string    `toml:"name" default:"front" manual:"Its name."`
	Open   bool      `toml:"open" default:"true" manual:"Is it open?"`
	Height int64     `toml:"height" default:"200" manual:"In centimetres."`
	Colour string    `toml:"colour" default:"red" choices:"red,green" manual:"Its colour."`
	Close  Duration  `toml:"close" default:"5m" manual:"When it closes."`
	Weight Size      `toml:"weight" default:"1KiB" manual:"Its weight."`
	Bell   SecretURL `toml:"bell" example:"smtp://bell" manual:"Whom it rings."`
	Locks  []string  `toml:"locks" default:"[]" choices:"chain,bolt" manual:"Its locks."`
	Keys   []key     `toml:"keys" default:"[{\"teeth\":3}]" manual:"Its keys."`
}

type key struct {
	Teeth int64  `toml:"teeth" manual:"How many."`
	Metal string `toml:"metal" default:"iron" manual:"Of what."`
}

type room struct {
	Beds []string `toml:"beds" default:"[]" example:"[\"big\"]" manual:"Its beds."`
	Size int64    `toml:"size" default:"12" manual:"In square metres."`
}

type guest struct {
	Name string `toml:"name" example:"Ann" manual:"Who."`
	Code Secret `toml:"code" example:"file:/code" manual:"The guest's code."`
}

func load(t *testing.T, use func(*Loader)) (sample, Faults) {
	t.Helper()
	var s sample
	l, err := NewLoader(&s)
	if err != nil {
		t.Fatal(err)
	}
	use(l)
	return s, l.Faults()
}

func TestDefaults(t *testing.T) {
	s, faults := load(t, func(*Loader) {})
	want := door{
		Name: "front", Open: true, Height: 200, Colour: "red", Close: Duration(5 * 60e9), Weight: KiB, Locks: []string{},
		Keys: []key{{Teeth: 3, Metal: "iron"}},
	}
	if !reflect.DeepEqual(s.Door, want) || faults.Err() != nil {
		t.Fatalf("got %+v, %v", s.Door, faults)
	}
}

func TestSetRight(t *testing.T) {
	for _, c := range []struct {
		set   []string
		check func(sample) any
		want  any
	}{
		{[]string{"door.name=a=b"}, func(s sample) any { return s.Door.Name }, "a=b"},
		{[]string{"door.name="}, func(s sample) any { return s.Door.Name }, ""},
		{[]string{`door.name="x"`}, func(s sample) any { return s.Door.Name }, `"x"`},
		{[]string{" door.name =x"}, func(s sample) any { return s.Door.Name }, "x"},
		{[]string{"door.open=false"}, func(s sample) any { return s.Door.Open }, false},
		{[]string{"door.height=-1"}, func(s sample) any { return s.Door.Height }, int64(-1)},
		{[]string{"door.height=1", "door.height=2"}, func(s sample) any { return s.Door.Height }, int64(2)},
		{[]string{"door.close=1h30m"}, func(s sample) any { return s.Door.Close.String() }, "1h30m"},
		{[]string{"door.weight=3MiB"}, func(s sample) any { return s.Door.Weight }, 3 * MiB},
		{[]string{`door.locks=["bolt","chain"]`}, func(s sample) any { return s.Door.Locks }, []string{"bolt", "chain"}},
		{[]string{"door.keys=[]"}, func(s sample) any { return s.Door.Keys }, []key{}},
		{[]string{`door.keys=[{"teeth":1},{"metal":"tin","teeth":2}]`}, func(s sample) any { return s.Door.Keys }, []key{{1, "iron"}, {2, "tin"}}},
		{[]string{`door={"name":"n","height":7}`}, func(s sample) any { return [2]any{s.Door.Name, s.Door.Colour} }, [2]any{"n", "red"}},
		{[]string{`rooms.hall.beds=["b"]`}, func(s sample) any { return s.Rooms }, map[string]room{"hall": {[]string{"b"}, 12}}},
		{[]string{`rooms.*.size=1`}, func(s sample) any { return s.Rooms["*"].Size }, int64(1)},
		{[]string{`rooms.a.size=1`, `rooms.a.beds=["x"]`}, func(s sample) any { return s.Rooms["a"] }, room{[]string{"x"}, 1}},
		{[]string{`rooms.a.size=1`, `rooms.a={"beds":["x"]}`}, func(s sample) any { return s.Rooms["a"] }, room{[]string{"x"}, 12}},
		{[]string{`rooms.a.size=1`, `rooms={"b":{}}`}, func(s sample) any { return s.Rooms }, map[string]room{"b": {[]string{}, 12}}},
		{[]string{`guests=[{"name":"Ann","code":"c"}]`}, func(s sample) any { return s.Guests }, []guest{{"Ann", "c"}}},
	} {
		s, faults := load(t, func(l *Loader) { l.Set(c.set, "--set") })
		if got := c.check(s); !reflect.DeepEqual(got, c.want) || faults.Err() != nil {
			t.Errorf("%q: got %#v, want %#v; faults %v", c.set, got, c.want, faults)
		}
	}
}

func TestSetWrong(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"door.name", `door.name (from --set): write key=value`},
		{"", ` (from --set): write key=value`},
		{"=x", ` (from --set): there is no such key; the nearest is rooms`},
		{"door.nmae=x", `door.nmae (from --set): there is no such key; the nearest is door.name`},
		{"height=1", `height (from --set): there is no such key; the nearest is door.height`},
		{"Door.Name=x", `Door.Name (from --set): there is no such key; the nearest is door.name`},
		{"door.name.x=1", `door.name.x (from --set): there is no such key; the nearest is door.name`},
		{"door.open=yes", `door.open = "yes" (from --set): write true or false`},
		{"door.height=2.5", `door.height = "2.5" (from --set): write a whole number, for example 200`},
		{"door.height=9223372036854775808", `door.height = "9223372036854775808" (from --set): write a whole number, for example 200`},
		{"door.colour=geen", `door.colour = "geen" (from --set): write one of "red", "green"; the nearest is "green"`},
		{"door.close=5", `door.close = "5" (from --set): not a length of time; write one such as 90s, 5m, 24h or 7d`},
		{"door.weight=5", `door.weight = "5" (from --set): not a size; write a whole number with its unit, such as 512B, 64KiB, 19MiB or 1GiB`},
		{"door.name=\xff", `door.name = "\xff" (from --set): write a text in UTF-8 without NUL`},
		{"door.locks=bolt", `door.locks = "bolt" (from --set): write a list as JSON, for example [] (the JSON breaks at byte 1: invalid character 'b' looking for beginning of value)`},
		{"door.locks=", `door.locks = "" (from --set): write a list as JSON, for example [] (it is empty)`},
		{"door.locks=[", `door.locks = "[" (from --set): write a list as JSON, for example [] (the JSON ends too early)`},
		{"door.locks=[] []", `door.locks = "[] []" (from --set): write a list as JSON, for example [] (there is more after the JSON value, at byte 4)`},
		{"door.locks={}", `door.locks = "{}" (from --set): write a list as JSON, for example []`},
		{"door.locks=null", `door.locks = "null" (from --set): write a list as JSON, for example []`},
		{`door.locks=["blot"]`, `door.locks[0] = "blot" (from --set): write one of "chain", "bolt"; the nearest is "bolt"`},
		{`door.locks=[null]`, `door.locks[0] = null (from --set): write a text in quotes`},
		{`door.keys=[{"teeth":"3"}]`, `door.keys[0].teeth = "3" (from --set): write a whole number`},
		{`door.keys=[{},{"tooth":3}]`, `door.keys[1].tooth (from --set): there is no such key; the nearest is door.keys[1].teeth`},
		{`door={"nmae":"n"}`, `door.nmae (from --set): there is no such key; the nearest is door.name`},
		{`rooms.hall.bed=[]`, `rooms.hall.bed (from --set): there is no such key; the nearest is rooms.hall.beds`},
		{`rooms..beds=[]`, `rooms..beds (from --set): there is no such key; the nearest is rooms.<name>.beds`},
		{`rooms.hall=[]`, `rooms.hall = "[]" (from --set): write a table as JSON, for example {}`},
		{`rooms=3`, `rooms = "3" (from --set): write a table as JSON, for example {}`},
		{`guests=[{"name":"Ann","code":"hush"}`, `guests (from --set): write a list as JSON, for example [] (the JSON ends too early)`},
		{`guests=[{"code":17}]`, `guests[0].code (from --set): write a text in quotes, for example "file:/code"`},
		{"door.bell=smtp://u:hush@h\x00", `door.bell = "xxxxx" (from --set): write a text in UTF-8 without NUL`},
	} {
		_, faults := load(t, func(l *Loader) { l.Set([]string{c.set}, "--set") })
		if got := faults.Error(); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.set, got, c.want)
		}
	}
}

func TestFile(t *testing.T) {
	s, faults := load(t, func(l *Loader) {
		l.File("f.toml", []byte("[door]\nname = \"back\"\nclose = \"1h\"\nkeys = [{ teeth = 9 }]\n[rooms.hall]\nbeds = [\"b\"]\n[[guests]]\nname = \"Ann\"\n"))
	})
	if faults.Err() != nil {
		t.Fatal(faults)
	}
	want := sample{Rooms: map[string]room{"hall": {[]string{"b"}, 12}}, Guests: []guest{{Name: "Ann"}}}
	want.Door = s.Door
	if !reflect.DeepEqual(s, want) || s.Door.Name != "back" || !reflect.DeepEqual(s.Door.Keys, []key{{9, "iron"}}) {
		t.Fatalf("got %+v", s)
	}
}

func TestFileTellsAllFaults(t *testing.T) {
	_, faults := load(t, func(l *Loader) {
		l.File("f.toml", []byte("shut = 1\n[dor]\nname = \"x\"\n[door]\nopen = 1\nheight = \"1\"\nclose = 24\nlocks = \"bolt\"\nname = 2024-01-01\n[window]\n"))
	})
	want := []string{
		"door.close = 24 (from f.toml): write a text in quotes, for example \"5m\"",
		"door.height = \"1\" (from f.toml): write a whole number, for example 200",
		"door.locks = \"bolt\" (from f.toml): write a list, for example []",
		"door.name = ", "door.open = 1 (from f.toml): write true or false",
		"dor.name (from f.toml): there is no such key; the nearest is door.name", "shut (from f.toml): ", "window (from f.toml): ",
	}
	if len(faults) != len(want) {
		t.Fatalf("got %d faults:\n%v", len(faults), faults)
	}
	for i, w := range want {
		if !strings.HasPrefix(faults[i].Error(), w) {
			t.Errorf("fault %d:\n got %s\nwant %s", i, faults[i], w)
		}
	}
}

func TestFileThatIsNoTOML(t *testing.T) {
	for _, text := range []string{"[door", "x", "[door]\nname = 1\nname = 2\n", "a = \"\xff\""} {
		_, faults := load(t, func(l *Loader) { l.File("f.toml", []byte(text)) })
		if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), "f.toml: not TOML: ") {
			t.Errorf("%q: %v", text, faults)
		}
	}
}

func TestEnviron(t *testing.T) {
	foreign := func(name string) bool { return name == "HOUSE_TEST" }
	s, faults := load(t, func(l *Loader) {
		l.Environ([]string{
			"PATH=/bin", "HOUSE_TEST=1", "HOUSEBOAT=1", "broken",
			"HOUSE_DOOR_NAME=side", "HOUSE_ROOMS_HALL_SIZE=3", `HOUSE_ROOMS={"attic":{}}`, `HOUSE_GUESTS=[{"name":"Ann"}]`,
		}, "HOUSE_", foreign)
	})
	if faults.Err() != nil || s.Door.Name != "side" || s.Rooms["hall"].Size != 3 || len(s.Rooms) != 2 || len(s.Guests) != 1 {
		t.Fatalf("got %+v, %v", s, faults)
	}
	_, faults = load(t, func(l *Loader) { l.Environ([]string{"HOUSE_DOR_NAME=x", "HOUSE_DOOR_OPEN=1"}, "HOUSE_", foreign) })
	want := "HOUSE_DOOR_OPEN"
	if len(faults) != 2 || faults[0].Origin != want || faults[1].Error() != "HOUSE_DOR_NAME: there is no such variable; the nearest is HOUSE_DOOR_NAME" {
		t.Fatalf("got %v", faults)
	}
}

func TestOrigin(t *testing.T) {
	var s sample
	l, err := NewLoader(&s)
	if err != nil {
		t.Fatal(err)
	}
	l.File("f.toml", []byte("[door]\nname = \"x\"\nheight = 1\n[[guests]]\nname = \"Ann\"\n"))
	l.Environ([]string{"H_DOOR_HEIGHT=2"}, "H_", func(string) bool { return false })
	l.Set([]string{"door.open=true", `rooms={"a":{}}`}, "--set")
	for key, want := range map[string]string{
		"door.name": "f.toml", "door.height": "H_DOOR_HEIGHT", "door.open": "--set", "door.locks[0]": "f.toml",
		"guests[0].name": "f.toml", "rooms.a.size": "--set", "elsewhere": "",
	} {
		if got := l.Origin(key); got != want {
			t.Errorf("%s comes from %q, want %q", key, got, want)
		}
	}
	l.Set([]string{`door={"height":3}`}, "--set")
	if got := l.Origin("door.height"); got != "--set" {
		t.Errorf("a table set as a whole leaves the origin %q", got)
	}
}

func TestResolveSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{"hush": "hush", "hush\n": "hush", "hush\r\n": "hush", "a\nb\n\n": "a\nb\n", "": ""} {
		write(text)
		s, faults := load(t, func(l *Loader) {
			l.Set([]string{`guests=[{"code":"file:` + file + `"}]`, "door.bell=file:" + file}, "--set")
			l.ResolveSecrets()
		})
		if faults.Err() != nil || s.Guests[0].Code.Reveal() != want || s.Door.Bell.Reveal() != want {
			t.Errorf("%q gives %q, %v", text, s.Guests[0].Code.Reveal(), faults)
		}
	}
	write(strings.Repeat("x", largestSecret+1))
	for _, path := range []string{file, file + ".missing"} {
		_, faults := load(t, func(l *Loader) { l.Set([]string{"door.bell=file:" + path}, "--set"); l.ResolveSecrets() })
		if len(faults) != 1 || faults[0].Key != "door.bell" || faults[0].Origin != "--set" || !strings.Contains(faults[0].Want, "a file that can be read") {
			t.Errorf("%s: %v", path, faults)
		}
	}
	write(strings.Repeat("x", largestSecret))
	if _, err := ReadSecretFile(file); err != nil {
		t.Error(err)
	}
}

func TestWriteTOMLReadsBack(t *testing.T) {
	schema, err := SchemaOf(&sample{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := schema.WriteTOML(&b, Manual{Intro: "Intro.", Prefix: "H_"}); err != nil {
		t.Fatal(err)
	}
	defaults, _ := load(t, func(*Loader) {})
	got, faults := load(t, func(l *Loader) { l.File("f", b.Bytes()) })
	if faults.Err() != nil || !reflect.DeepEqual(got, defaults) {
		t.Fatalf("%v\n%s", faults, &b)
	}
	// What is shown commented out must hold too once it is in force.
	shown := uncomment(b.String())
	if got, faults = load(t, func(l *Loader) { l.File("f", []byte(shown)) }); faults.Err() != nil || len(got.Rooms) != 1 || len(got.Guests) != 1 {
		t.Fatalf("%v\n%s", faults, shown)
	}
}

// uncomment takes the comment signs from tables and from key = value lines.
func uncomment(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		rest, ok := strings.CutPrefix(l, "# ")
		if ok && (strings.HasPrefix(rest, "[") || strings.Contains(rest, " = ")) {
			lines[i] = rest
		}
	}
	return strings.Join(lines, "\n")
}

func TestFaults(t *testing.T) {
	if Faults(nil).Err() != nil || (Faults{}).Err() != nil {
		t.Error("no fault is an error")
	}
	err := Faults{{Key: "a", Want: "b"}, {Key: "c[1].d", Value: "2", Want: "e"}}.Err()
	var one Fault
	if !errors.As(err, &one) || one.Key != "a" || err.Error() != "a: b\nc[1].d = 2: e" {
		t.Errorf("got %v", err)
	}
	var all Faults
	if !errors.As(err, &all) {
		t.Fatal("Faults cannot be found again")
	}
	for key, want := range map[string]bool{
		"a": true, "a.b": true, "a[0]": true, "ab": false, "c": true, "c[1]": true, "c[1].d": true, "c[0]": false, "c[1].e": false, "": false,
	} {
		if all.Has(key) != want {
			t.Errorf("Has(%q) is %v", key, !want)
		}
	}
}

func TestCheckChoices(t *testing.T) {
	s, _ := load(t, func(*Loader) {})
	if f := CheckChoices(&s); f.Err() != nil {
		t.Error(f)
	}
	s.Door.Colour, s.Door.Locks = "blue", []string{"bolt", "bar"}
	if f := CheckChoices(&s); len(f) != 2 || f[0].Key != "door.colour" || f[1].Key != "door.locks[1]" {
		t.Error(f)
	}
}

func TestSchemaOfOtherThings(t *testing.T) {
	for _, v := range []any{nil, sample{}, new(int)} {
		if _, err := SchemaOf(v); err == nil {
			t.Errorf("%T passed", v)
		}
	}
}

func FuzzSet(f *testing.F) {
	for _, seed := range []string{
		"door.name=x", "door.locks=[\"bolt\"]", "rooms.a.beds=[]", "rooms={}", "guests=[{\"code\":\"c\"}]", "=", "a.b.c=d",
		"door.close=1d1h", "door.weight=1GiB", "door.keys=[{\"teeth\":1e9}]", "door=[[[",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pair string) {
		var s sample
		l, err := NewLoader(&s)
		if err != nil {
			t.Fatal(err)
		}
		l.Set([]string{pair}, "--set")
		if l.Faults().Err() == nil && !strings.Contains(pair, "=") {
			t.Errorf("%q has no value and was taken", pair)
		}
		if CheckChoices(&s).Err() != nil {
			t.Errorf("%q left a value that is no choice", pair)
		}
	})
}
