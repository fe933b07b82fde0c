package actionapi

import (
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
)

// clearHasMsg is action=clearhasmsg: it forgets that there are messages for the caller. There never are, so it always did.
func clearHasMsg() *module {
	return &module{
		name: "clearhasmsg", path: "clearhasmsg", writes: true, mustPost: true,
		answer: []schema.Member{schema.Must("clearhasmsg", schema.Word("success"))},
		run: func(_ *call, _ []value, out *result.Object) error {
			out.Text("clearhasmsg", "success")
			return nil
		},
		manual: manual{class: "ApiClearHasMsg", group: groupAction, pages: []string{"ClearHasMsg"}, examples: []example{
			{"1", "action=clearhasmsg"},
		}},
	}
}
