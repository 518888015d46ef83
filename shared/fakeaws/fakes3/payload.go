package fakes3

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // Content-MD5 is a header of S3
	"crypto/sha1" //nolint:gosec // one of the checksums that S3 offers
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// payload takes an upload out of its transfer encoding and checks the digests
// of the transfer.
func payload(h http.Header, raw []byte) (body []byte, trailer http.Header, err error) {
	sha := h.Get("X-Amz-Content-Sha256")
	if strings.HasPrefix(sha, "STREAMING-") {
		return dechunk(raw)
	}
	if sum := sha256.Sum256(raw); len(sha) == 64 && sha != hex.EncodeToString(sum[:]) {
		return nil, nil, wire.StatusError(http.StatusBadRequest, "XAmzContentSHA256Mismatch",
			"The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	sum := md5.Sum(raw) //nolint:gosec // what the header holds
	if h.Get("Content-Md5") != "" && h.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]) {
		return nil, nil, wire.StatusError(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	return raw, nil, nil
}

// dechunk reads the aws-chunked form: a length in hexadecimal and, perhaps, a
// signature before each chunk; after the last one, trailing headers.
func dechunk(raw []byte) (body []byte, trailer http.Header, err error) {
	broken := wire.StatusError(http.StatusBadRequest, "IncompleteBody", "The request body terminated unexpectedly")
	for {
		line, rest, found := bytes.Cut(raw, []byte("\r\n"))
		if !found {
			return nil, nil, broken
		}
		digits, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseInt(digits, 16, 32)
		if err != nil || n < 0 || int(n) > len(rest) {
			return nil, nil, broken
		}
		if n == 0 {
			return body, trailers(rest), nil
		}
		body = append(body, rest[:n]...)
		raw = bytes.TrimPrefix(rest[n:], []byte("\r\n"))
	}
}

func trailers(raw []byte) http.Header {
	h := http.Header{}
	for _, line := range strings.Split(string(raw), "\r\n") {
		if name, value, found := strings.Cut(line, ":"); found {
			h.Set(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return h
}

const checksumPrefix = "X-Amz-Checksum-"

func algorithms() map[string]hash.Hash {
	return map[string]hash.Hash{
		"Crc32":     crc32.NewIEEE(),
		"Crc32c":    crc32.New(crc32.MakeTable(crc32.Castagnoli)),
		"Crc64nvme": crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)),
		"Sha1":      sha1.New(), //nolint:gosec // S3's own
		"Sha256":    sha256.New(),
	}
}

// checksums checks what the client says and returns what is kept: that, or
// S3's own choice where the client says nothing.
func checksums(h, trailer http.Header, body []byte) (map[string]string, error) {
	kept := map[string]string{}
	all := algorithms()
	for name, sum := range all {
		header := checksumPrefix + name
		said := h.Get(header) + trailer.Get(header)
		if said == "" {
			continue
		}
		if said != digest(sum, body) {
			return nil, wire.StatusError(http.StatusBadRequest, "BadDigest",
				"The %s you specified did not match the calculated checksum.", strings.ToUpper(name))
		}
		kept[header] = said
	}
	if len(kept) == 0 {
		kept[checksumPrefix+"Crc64nvme"] = digest(all["Crc64nvme"], body)
	}
	return kept, nil
}

func digest(h hash.Hash, body []byte) string {
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
