package store

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestMetadataSetAndGet(t *testing.T) {
	var m Metadata
	m.Set("b", "1")
	m.Set("a", "2")
	m.Set("b", "3")
	if want := (Metadata{{"b", "3"}, {"a", "2"}}); !reflect.DeepEqual(m, want) {
		t.Errorf("%v", m)
	}
	if value, ok := m.Get("a"); value != "2" || !ok {
		t.Errorf("a = %q, %v", value, ok)
	}
	if _, ok := m.Get("c"); ok {
		t.Error("c is there")
	}
}

func TestMetadataJSONKeepsOrder(t *testing.T) {
	m := Metadata{{"z", "1"}, {"a", `"q" \ ⟨E⟩ <`}, {"", "\n"}}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Metadata
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, m) {
		t.Errorf("%s read back as %v, %v", data, back, err)
	}
	for _, bad := range []string{`[]`, `{"a":1}`, `{"a":{"b":"c"}}`, `"a"`, `null`} {
		if err := json.Unmarshal([]byte(bad), &back); bad != "null" && err == nil {
			t.Errorf("%s accepted: %v", bad, back)
		}
	}
}

func TestMetadataValidate(t *testing.T) {
	for name, m := range map[string]Metadata{
		"empty key":     {{"", "x"}},
		"twice":         {{"a", "1"}, {"b", "2"}, {"a", "1"}},
		"reserved":      {{"isingrbm.format", "table"}},
		"invalid key":   {{"\xff", "x"}},
		"invalid value": {{"x", "\xff"}},
	} {
		if m.validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := testMetadata().validate(); err != nil {
		t.Error(err)
	}
}

func TestMetadataChecksumSeesEveryPair(t *testing.T) {
	seen := map[uint32]Metadata{}
	for _, m := range []Metadata{{}, {{"ab", "c"}}, {{"a", "bc"}}, {{"a", "b"}, {"c", ""}}, {{"c", ""}, {"a", "b"}}} {
		if other, ok := seen[m.checksum("")]; ok {
			t.Errorf("%v and %v have one checksum", m, other)
		}
		seen[m.checksum("")] = m
	}
}

func TestChecksumsAsText(t *testing.T) {
	for _, sums := range [][]uint32{{}, {0}, {1, 0xffffffff, 0xdeadbeef}} {
		back, err := parseChecksums(formatChecksums(sums))
		if err != nil || len(back) != len(sums) {
			t.Fatalf("%x read back as %x, %v", sums, back, err)
		}
		for i := range sums {
			if back[i] != sums[i] {
				t.Errorf("%x read back as %x", sums, back)
			}
		}
	}
	for _, bad := range []string{"1", "0000000", "00000000 ", "00000000 1", "0000000g", "00000000,00000000", "DEADBEEF"} {
		if sums, err := parseChecksums(bad); err == nil {
			t.Errorf("%q read as %x", bad, sums)
		}
	}
}
