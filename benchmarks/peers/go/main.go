// The second limit: Go's net/http, its shared client, and typed JSON.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

type quote struct {
	Text   string `json:"text"`
	Author string `json:"author"`
}

var (
	upstream = os.Getenv("UPSTREAM")
	client   = &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256, MaxConnsPerHost: 256},
	}
)

func main() {
	http.HandleFunc("/v1/quotes/", func(w http.ResponseWriter, r *http.Request) {
		which := strings.TrimPrefix(r.URL.Path, "/v1/quotes/")
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, upstream+"/"+which, nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		response, err := client.Do(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		var found quote
		if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&found) != nil {
			http.Error(w, "the upstream failed", http.StatusBadGateway)
			return
		}
		io.Copy(io.Discard, response.Body) // so that the connection can be used again
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(found)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
