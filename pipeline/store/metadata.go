package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The pairs that this package adds to the caller's.
const (
	reservedPrefix = "isingrbm."
	formatKey      = reservedPrefix + "format"
	versionKey     = reservedPrefix + "format_version"
	sitesKey       = reservedPrefix + "sites"
	checksumKey    = reservedPrefix + "crc32c"

	formatVersion = "1"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// KeyValue is one pair of Metadata.
type KeyValue struct{ Key, Value string }

// Metadata is what a file says about itself: pairs of UTF-8 strings in a fixed
// order, each key once. Keys that start with "isingrbm." are this package's.
type Metadata []KeyValue

// Get returns the value of key, and whether there is one.
func (m Metadata) Get(key string) (string, bool) {
	for _, pair := range m {
		if pair.Key == key {
			return pair.Value, true
		}
	}
	return "", false
}

// Set changes the value of key, or appends the pair if the key is new.
func (m *Metadata) Set(key, value string) {
	for i := range *m {
		if (*m)[i].Key == key {
			(*m)[i].Value = value
			return
		}
	}
	*m = append(*m, KeyValue{key, value})
}

// MarshalJSON writes one object, its keys in order.
func (m Metadata) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, pair := range m {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(quote(pair.Key))
		out.WriteByte(':')
		out.Write(quote(pair.Value))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// UnmarshalJSON reads an object of strings and keeps the order of its keys.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return errors.New("metadata: not a JSON object")
	}
	*m = Metadata{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return fmt.Errorf("metadata: %w", err)
		}
		var value string
		if err := decoder.Decode(&value); err != nil {
			return fmt.Errorf("metadata: value of %q: %w", key, err)
		}
		*m = append(*m, KeyValue{key.(string), value})
	}
	return nil
}

// validate reports a pair that no file could carry faithfully.
func (m Metadata) validate() error {
	seen := make(map[string]bool, len(m))
	for _, pair := range m {
		switch {
		case pair.Key == "":
			return errors.New("metadata: empty key")
		case strings.HasPrefix(pair.Key, reservedPrefix):
			return fmt.Errorf("metadata: key %q is reserved", pair.Key)
		case seen[pair.Key]:
			return fmt.Errorf("metadata: key %q occurs twice", pair.Key)
		case !utf8.ValidString(pair.Key) || !utf8.ValidString(pair.Value):
			return fmt.Errorf("metadata: key %q: not valid UTF-8", pair.Key)
		}
		seen[pair.Key] = true
	}
	return nil
}

// stamped returns the pairs as they go into a file: the package's own first.
func (m Metadata) stamped(format string, own ...KeyValue) Metadata {
	out := Metadata{{formatKey, format}, {versionKey, formatVersion}}
	out = append(out, own...)
	return append(out, m...)
}

// checkFormat checks that pairs read from a file are of the given format and a
// version this program knows.
func (m Metadata) checkFormat(path, format string) error {
	found, ok := m.Get(formatKey)
	if !ok {
		return foreign(path, "no %s in its metadata", formatKey)
	}
	if found != format {
		return foreign(path, "it holds a %s, not a %s", found, format)
	}
	if version, _ := m.Get(versionKey); version != formatVersion {
		return unsupported(path, version)
	}
	return nil
}

// sites returns the number of sites that a configurations file states.
func (m Metadata) sites(path string) (int, error) {
	text, _ := m.Get(sitesKey)
	sites, err := strconv.Atoi(text)
	if err != nil || sites < 1 {
		return 0, corrupt(path, "%s is %q", sitesKey, text)
	}
	return sites, nil
}

// callers returns the pairs of a file that are not this package's own.
func (m Metadata) callers() Metadata {
	out := Metadata{}
	for _, pair := range m {
		if !strings.HasPrefix(pair.Key, reservedPrefix) {
			out = append(out, pair)
		}
	}
	return out
}

// checksum is the CRC-32C of the schema of a file and of all pairs but that of
// the checksums.
func (m Metadata) checksum(schema string) uint32 {
	sum := crc32.Checksum([]byte(schema), castagnoli)
	for _, pair := range m {
		if pair.Key != checksumKey {
			// The zero bytes keep ("ab", "c") and ("a", "bc") apart.
			sum = crc32.Update(sum, castagnoli, []byte(pair.Key+"\x00"+pair.Value+"\x00"))
		}
	}
	return sum
}

// formatChecksums and parseChecksums turn checksums into the text of one
// metadata value and back: eight hexadecimal digits each, a space between.
func formatChecksums(sums []uint32) string {
	text := make([]byte, 0, 9*len(sums))
	for i, sum := range sums {
		if i > 0 {
			text = append(text, ' ')
		}
		text = fmt.Appendf(text, "%08x", sum)
	}
	return string(text)
}

func parseChecksums(text string) ([]uint32, error) {
	sums := make([]uint32, (len(text)+1)/9)
	for i := range sums {
		if _, err := fmt.Sscanf(text[9*i:9*i+8], "%08x", &sums[i]); err != nil {
			return nil, err
		}
	}
	if formatChecksums(sums) != text {
		return nil, fmt.Errorf("checksums %q", text)
	}
	return sums, nil
}
